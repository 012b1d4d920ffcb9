import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Photo } from '../image/photo.js'
import { type QuarterTurns, turned, turnedBack } from './turn.js'

const side = fc.integer({ min: 1, max: 40 })
const quarters = fc.constantFrom<QuarterTurns>(0, 1, 2, 3)
const photoOf = (width: number, height: number) => ({
  width,
  height,
  pixels: Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 2654435761) >>> 24),
})
const at = ({ width, pixels }: Photo, x: number, y: number) => [
  ...pixels.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
]

describe('turned', () => {
  it('by one is clockwise: what was below on the left is above on the left', () => {
    const photo = { width: 2, height: 1, pixels: Uint8Array.of(1, 2, 3, 4, 5, 6) }
    expect(turned(photo, 1)).toEqual({ width: 1, height: 2, pixels: photo.pixels })
    const three = { width: 1, height: 2, pixels: Uint8Array.of(4, 5, 6, 1, 2, 3) }
    expect(turned(photo, 3)).toEqual(three)
  })

  it('as often as makes a whole turn is the photograph', () => {
    fc.assert(
      fc.property(side, side, quarters, (width, height, turns) => {
        const photo = photoOf(width, height)
        const whole = turned(turned(photo, turns), ((4 - turns) % 4) as QuarterTurns)
        expect([whole.width, whole.height]).toEqual([width, height])
        expect(Buffer.compare(whole.pixels, photo.pixels)).toBe(0)
        expect(Buffer.compare(turned(turned(photo, 1), 1).pixels, turned(photo, 2).pixels)).toBe(0)
      }),
    )
  })
})

describe('turnedBack', () => {
  it('names the pixels that were seen', () => {
    fc.assert(
      fc.property(side, side, quarters, fc.nat(), fc.nat(), (width, height, turns, i, j) => {
        const photo = photoOf(width, height)
        const seen = turned(photo, turns)
        const [x, y] = [i % seen.width, j % seen.height]
        const box = { x, y, width: 1, height: 1 }
        const { box: own, points } = turnedBack({ box, score: 1, points: [{ x, y }] }, turns, photo)
        expect(at(photo, points[0]!.x, points[0]!.y)).toEqual(at(seen, x, y))
        expect(own).toEqual({ ...points[0]!, width: 1, height: 1 })
      }),
    )
  })
})
