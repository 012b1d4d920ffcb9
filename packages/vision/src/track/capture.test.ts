import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { gradeOf } from '../quality/grade.js'
import type { Rejection } from '../quality/limits.js'
import { BEST_QUALITY } from '../quality/limits.js'
import { Capture, sceneOf } from './capture.js'
import type { FollowedFace } from './follower.js'
import { HINTS, type Hint } from './guide.js'

const box = { x: 0, y: 0, width: 10, height: 10 }
const face = (
  id: number,
  {
    eyes = 60,
    hint = 'ok',
    rejected = [],
    goodness = 0.5,
  }: { eyes?: number; hint?: Hint; rejected?: Rejection[]; goodness?: number } = {},
): FollowedFace => ({
  box,
  points: [],
  score: 1,
  pixels: new Uint8Array(0),
  quality: { ...BEST_QUALITY, eyes, sharpness: 100 },
  grade: gradeOf(BEST_QUALITY),
  rejected,
  goodness,
  guidance: { hint },
  track: { id, box, began: 0, seen: 0, sightings: 1, speed: 0, doubted: undefined },
})

describe('a scene', () => {
  it('has nobody, one person or several; far faces and patterns do not count', () => {
    const one = face(1, { hint: 'forward' })
    const far = face(2, { eyes: 9, rejected: ['small'] })
    const pattern = face(3, { eyes: 300, rejected: ['implausible'] })
    expect(sceneOf([])).toEqual({ hint: 'nobody' })
    expect(sceneOf([pattern])).toEqual({ hint: 'nobody' })
    expect(sceneOf([far, one, pattern])).toEqual({ hint: 'forward', face: one })
    expect(sceneOf([one, face(4)])).toEqual({ hint: 'alone' })
    expect(sceneOf([far])).toEqual({ hint: 'ok', face: far })
  })
})

describe('a capture', () => {
  const photo = (time: number) => ({ width: 1, height: 1, pixels: Uint8Array.of(time, 0, 0) })
  const frame = fc.record({
    id: fc.constantFrom(1, 1, 1, 1, 1, 1, 2),
    hint: fc.constantFrom<Hint>('ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok', ...HINTS),
    goodness: fc.double({ min: 0, max: 1, noNaN: true }),
  })

  it('is the best frame of the 600 ms in which one person was well without a break', () => {
    fc.assert(
      fc.property(fc.array(frame, { minLength: 1, maxLength: 60 }), (frames) => {
        const capture = new Capture()
        const results = frames.map(({ id, hint, goodness }, i) => {
          const scene = sceneOf([face(id, { hint, goodness })])
          return capture.update(photo(i), scene, i * 100)
        })
        const done = results.findIndex((result) => result !== undefined)
        // The truth: the first frame that ends seven of one person, all of them well.
        const well = (i: number) =>
          i >= 6 &&
          frames.slice(i - 6, i + 1).every(({ id, hint }) => hint === 'ok' && id === frames[i]!.id)
        expect(done).toBe(frames.findIndex((_, i) => well(i)))
        if (done < 0) return
        const best = Math.max(...frames.slice(done - 6, done + 1).map(({ goodness }) => goodness))
        const { photo: kept, face: of } = results[done]!
        expect(of.goodness).toBe(best)
        expect(frames[kept.pixels[0]!]!.goodness).toBe(best)
      }),
    )
  })

  it('takes nobody who is rejected, and no two', () => {
    const capture = new Capture()
    for (let time = 0; time < 3000; time += 100) {
      expect(capture.update(photo(0), sceneOf([face(1, { rejected: ['noisy'] })]), time)).toBe(
        undefined,
      )
      expect(capture.update(photo(0), sceneOf([face(1), face(2)]), time)).toBe(undefined)
    }
  })
})
