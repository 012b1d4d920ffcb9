import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TEMPLATE } from '../align/align.js'
import type { Point } from '../align/similarity.js'
import { contained } from './detection.js'
import { driftOf, isFaceLike, plausibilityOfDrift, residualOf, separate } from './plausible.js'

const box = { x: 20, y: 20, width: 75, height: 90 }
const shuffled = (order: readonly number[]) => order.map((i) => TEMPLATE[i]!)

describe('isFaceLike', () => {
  it('holds for the template, however it is moved, resized and turned', () => {
    const number = (bound: number) => fc.double({ min: -bound, max: bound, noNaN: true })
    fc.assert(
      fc.property(number(4), number(4), number(500), number(500), (a, b, tx, ty) => {
        fc.pre(Math.hypot(a, b) > 0.1)
        const move = ({ x, y }: Point) => ({ x: a * x - b * y + tx, y: b * x + a * y + ty })
        const points = TEMPLATE.map(move)
        // The upright box about the turned one.
        const corners = [0, 1, 2, 3].map((i) =>
          move({ x: box.x + (i % 2) * box.width, y: box.y + Math.floor(i / 2) * box.height }),
        )
        const [xs, ys] = [corners.map(({ x }) => x), corners.map(({ y }) => y)]
        const [x, y] = [Math.min(...xs), Math.min(...ys)]
        const around = { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y }
        expect(isFaceLike(around, points)).toBe(true)
        expect(residualOf(points)).toBeCloseTo(0, 6)
      }),
    )
  })

  it.each([
    ['eyes that are changed for each other', box, shuffled([1, 0, 2, 3, 4])],
    ['corners of the mouth that are changed', box, shuffled([0, 1, 2, 4, 3])],
    ['a mirrored face', box, shuffled([1, 0, 2, 4, 3])],
    ['a mouth between the eyes', box, shuffled([3, 4, 2, 0, 1]).map(({ x, y }) => ({ x, y: -y }))],
    ['one place', box, TEMPLATE.map(() => ({ x: 50, y: 50 }))],
    ['points outside of the box', { ...box, x: 80 }, TEMPLATE],
    ['a box many times as large', { x: -500, y: -500, width: 1100, height: 1100 }, TEMPLATE],
    ['no numbers', box, TEMPLATE.map(() => ({ x: Number.NaN, y: 0 }))],
    ['four points', box, TEMPLATE.slice(1)],
  ])('refuses %s', (_, around, points) => {
    expect(isFaceLike(around, points)).toBe(false)
  })
})

describe('drift', () => {
  it('is the distance as a share of the box; a half of the plausibility is gone at 3 %', () => {
    const again = TEMPLATE.map(({ x, y }) => ({ x: x + 3, y: y - 4 }))
    expect(driftOf(TEMPLATE, again, { x: 0, y: 0, width: 50, height: 200 })).toBeCloseTo(0.05, 12)
    expect(plausibilityOfDrift(0)).toBe(1)
    expect(plausibilityOfDrift(0.03)).toBeCloseTo(0.5, 12)
    expect(plausibilityOfDrift(0.06)).toBeCloseTo(0.2, 12)
  })
})

describe('separate', () => {
  const face = (x: number, side: number, score: number, plausibility: number) => ({
    box: { x, y: 0, width: side, height: side },
    points: [],
    score,
    plausibility,
  })

  it('leaves no part beside its whole, and prefers what is plausibly a face', () => {
    const [whole, part, beside] = [
      face(0, 100, 0.8, 0.9),
      face(30, 20, 0.99, 0.2),
      face(90, 60, 0.7, 0.9),
    ]
    expect(separate([part, whole, beside])).toEqual([whole, beside])
  })

  it('keeps the more certain of two that are faces', () => {
    const [larger, smaller] = [face(0, 100, 0.8, 0.9), face(30, 40, 0.99, 0.9)]
    expect(separate([larger, smaller])).toEqual([smaller])
  })

  it('measures by the smaller box', () => {
    const square = (x: number, side: number) => ({ x, y: 0, width: side, height: side })
    expect(contained(square(0, 100), square(90, 20))).toBeCloseTo(0.5, 12)
    expect(contained(square(0, 100), square(10, 20))).toBe(1)
    expect(contained(square(0, 10), square(10, 10))).toBe(0)
  })
})
