import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Box } from '../detect/detection.js'
import { Tracker } from './tracker.js'

const FRAME = 40
interface Seen {
  readonly box: Box
  readonly person?: string
}
const at = (x: number, y: number, side = 100): Box => ({ x, y, width: side, height: side })
/** Ids of a frame's faces, in their order. */
const ids = (tracker: Tracker, faces: readonly Seen[], time: number) =>
  tracker.update(faces, time).tracks.map(({ track }) => track.id)

const boxes = fc.array(
  fc
    .record({
      x: fc.integer({ min: -50, max: 600 }),
      y: fc.integer({ min: -50, max: 400 }),
      side: fc.integer({ min: 1, max: 300 }),
    })
    .map(({ x, y, side }) => ({ box: at(x, y, side) })),
  { maxLength: 8 },
)
const video = fc.array(fc.record({ faces: boxes, passed: fc.integer({ min: 0, max: 1500 }) }), {
  maxLength: 20,
})

describe('tracks', () => {
  it('each face of a frame has one, and no two the same; one that ended never comes back', () => {
    fc.assert(
      fc.property(video, (frames) => {
        const tracker = new Tracker()
        const ended = new Set<number>()
        const known = new Set<number>()
        let time = 0
        for (const { faces, passed } of frames) {
          time += passed
          const { tracks, lost } = tracker.update(faces, time)
          expect(tracks.map(({ face }) => face)).toEqual(faces)
          const now = tracks.map(({ track }) => track.id)
          expect(new Set(now).size).toBe(faces.length)
          for (const { id, seen } of lost) {
            expect(time - seen).toBeGreaterThan(1000)
            ended.add(id)
          }
          for (const { track, face } of tracks) {
            expect(ended.has(track.id)).toBe(false)
            expect(track.box).toEqual(face.box)
            expect(known.has(track.id)).toBe(track.began < time || track.sightings > 1)
          }
          for (const id of now) known.add(id)
        }
      }),
    )
  })

  it('faces keep their numbers while they move, tremble and grow, and miss a frame or two', () => {
    const person = fc.record({
      // Paths that stay apart: a row each.
      x: fc.integer({ min: 0, max: 300 }),
      velocity: fc.double({ min: -8, max: 8, noNaN: true }),
      growth: fc.double({ min: 0.99, max: 1.01, noNaN: true }),
      missing: fc.array(fc.integer({ min: 2, max: 28 }), { maxLength: 6 }),
    })
    const tremble = fc.infiniteStream(fc.integer({ min: -3, max: 3 }))
    fc.assert(
      fc.property(fc.array(person, { minLength: 1, maxLength: 4 }), tremble, (people, noise) => {
        const tracker = new Tracker()
        const of = new Map<number, Set<number>>()
        for (let frame = 0; frame < 30; frame++) {
          const seen = people.flatMap(({ x, velocity, growth, missing }, i) => {
            // Two frames in a row at most.
            const gone =
              missing.includes(frame) &&
              !(missing.includes(frame - 1) && missing.includes(frame - 2))
            if (gone) return []
            const side = 100 * growth ** frame
            const box = at(
              x + velocity * frame + noise.next().value!,
              300 * i + noise.next().value!,
              side,
            )
            return [{ box, i }]
          })
          for (const { face, track } of tracker.update(seen, frame * FRAME).tracks)
            of.set(face.i, (of.get(face.i) ?? new Set()).add(track.id))
        }
        for (const numbers of of.values()) expect(numbers.size).toBe(1)
      }),
    )
  })

  it('two people who cross keep theirs, though one is hidden behind the other meanwhile', () => {
    const speed = fc.integer({ min: 4, max: 20 })
    fc.assert(
      fc.property(speed, speed, fc.integer({ min: 0, max: 30 }), (right, left, below) => {
        const tracker = new Tracker()
        let first: number[] = []
        const meet = 600 / (right + left)
        for (let frame = 0; frame < 2 * meet; frame++) {
          const front = { box: at(right * frame, 100) }
          const back = { box: at(600 - left * frame, 100 + below) }
          const hidden = Math.abs(front.box.x - back.box.x) < 50
          const now = ids(tracker, hidden ? [front] : [front, back], frame * FRAME)
          if (frame === 0) first = now
          expect(now).toEqual(hidden ? first.slice(0, 1) : first)
        }
      }),
    )
  })

  it('people who change places between two frames are in doubt, those who sit side by side are not', () => {
    const tracker = new Tracker()
    const two = [{ box: at(0, 0) }, { box: at(90, 0) }]
    for (let time = 0; time < 400; time += FRAME) tracker.update(two, time)
    const calm = tracker.update(two, 400).tracks
    expect(calm.map(({ track }) => track.doubted)).toEqual([undefined, undefined])
    const near = [{ box: at(40, 0) }, { box: at(50, 0) }]
    const close = tracker.update(near, 440).tracks
    expect(close.map(({ track }) => track.doubted)).toEqual([440, 440])
  })

  it('who was away for long may be another', () => {
    const tracker = new Tracker()
    const face = [{ box: at(0, 0) }]
    for (const time of [0, 40, 80, 120, 160, 200]) tracker.update(face, time)
    // Slow frames alone are no doubt.
    expect(tracker.update(face, 700).tracks[0]!.track.doubted).toBeUndefined()
    for (const time of [740, 1000, 1300]) tracker.update([], time)
    const [back] = tracker.update(face, 1400).tracks
    expect(back!.track).toMatchObject({ id: 1, doubted: 1400 })
  })

  it('end after `patience`; where frames are slow those of the last one stay, in doubt', () => {
    const tracker = new Tracker({ patience: 500 })
    const face = [{ box: at(0, 0) }]
    expect(ids(tracker, face, 0)).toEqual([1])
    expect(ids(tracker, face, 500)).toEqual([1])
    expect(tracker.update(face, 3000).tracks[0]!.track).toMatchObject({ id: 1, doubted: 3000 })
    expect(tracker.update([], 3500).lost).toEqual([])
    expect(tracker.update([], 3501).lost.map(({ id }) => id)).toEqual([1])
    expect(ids(tracker, face, 3600)).toEqual([2])
    expect(ids(tracker, face, 6101)).toEqual([3])
  })

  it('know how fast a face moves, in sides of it a second', () => {
    const tracker = new Tracker()
    let speed = 0
    for (let frame = 0; frame < 20; frame++)
      speed = tracker.update([{ box: at(4 * frame, 3 * frame) }], frame * FRAME).tracks[0]!.track
        .speed
    // 5 pixels a frame, 25 frames a second, a side of 100.
    expect(speed).toBeCloseTo(1.25, 3)
  })

  it('refuse a clock that runs back and a patience that is none', () => {
    const tracker = new Tracker()
    tracker.update([], 10)
    for (const time of [9, Number.NaN, Infinity])
      expect(() => tracker.update([], time)).toThrow(/milliseconds/)
    expect(() => new Tracker({ patience: -1 })).toThrow(/patience/)
  })
})
