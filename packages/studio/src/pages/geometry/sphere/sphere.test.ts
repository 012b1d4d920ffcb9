import { namedMargins, radians } from '@arcface/evaluate'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OUTSIDE, regionsOf } from './regions.js'
import { centresOf, GRATICULE, START, seen, type Turn, turned, type Vector } from './view.js'

const angle = fc.double({ min: -4, max: 4, noNaN: true })
const number = fc.double({ min: -2, max: 2, noNaN: true })
const vector = fc.tuple(number, number, number)
const dot = (a: Vector, b: Vector) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2]

describe('the sphere as it is seen', () => {
  it('is turned and not bent: lengths and angles stay', () => {
    fc.assert(
      fc.property(angle, angle, vector, vector, (yaw, pitch, a, b) => {
        const turn: Turn = { yaw, pitch }
        expect(dot(seen(turn, a), seen(turn, b))).toBeCloseTo(dot(a, b), 9)
      }),
    )
  })

  it('turns with the hand that drags it, and no farther than the poles', () => {
    const flat = { yaw: 0, pitch: 0 }
    const front: Vector = [0, 1, 0]
    expect(seen(flat, front)[2]).toBeCloseTo(1, 12)
    expect(seen(turned(flat, 0.1, 0), front)[0]).toBeCloseTo(Math.sin(0.1), 12)
    expect(seen(turned(flat, 0, 0.1), front)[1]).toBeCloseTo(-Math.sin(0.1), 12)
    expect(turned(flat, 0, 9).pitch).toBe(Math.PI / 2)
    for (const line of GRATICULE)
      for (const place of line) expect(dot(place, place)).toBeCloseTo(1, 12)
  })
})

describe('regions', () => {
  const side = 101
  /** Who holds what is seen at so many degrees to the right of the middle, on the equator. */
  const alongEquator = (margins: keyof typeof namedMargins, between: number) => {
    const centres = centresOf(radians(between)).map((one) => seen({ yaw: 0, pitch: 0 }, one))
    const held = regionsOf(side, centres as never, namedMargins[margins])
    return (degree: number) => {
      const column = Math.round(((Math.sin(radians(degree)) + 1) / 2) * side - 0.5)
      return held[Math.floor(side / 2) * side + column]
    }
  }

  it('touch without a margin, and leave the margin between them under ArcFace', () => {
    const plain = alongEquator('norm-softmax', 90)
    expect([plain(-5), plain(5)]).toEqual([1, 2])
    const arc = alongEquator('arcface', 90)
    // Half of 28.6 degrees on each side.
    expect([arc(-18), arc(-11), arc(0), arc(11), arc(18)]).toEqual([1, 0, 0, 0, 2])
  })

  it('are only where the sphere is', () => {
    const turnedCentres = centresOf(1).map((one) => seen(START, one))
    const held = regionsOf(side, turnedCentres as never, namedMargins.cosface)
    expect(held[0]).toBe(OUTSIDE)
    const inside = held.filter((one) => one !== OUTSIDE).length
    expect(inside / side ** 2).toBeCloseTo(Math.PI / 4, 2)
  })
})
