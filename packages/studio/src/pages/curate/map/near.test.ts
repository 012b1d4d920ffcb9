import { describe, expect, it } from 'vitest'
import { Near } from './near.js'
import { panned, pixelOf, placeOf, viewOfAll, zoomed } from './view.js'

/** Some numbers that repeat after 2^31. */
function* numbers(): Generator<number> {
  for (let n = 7; ; n = (n * 1103515245 + 12345) % 2147483648) yield n / 2147483648
}
const drawn = numbers()
const next = () => drawn.next().value as number
const points = Float32Array.from({ length: 4000 }, () => 10 * next() - 3)
const far = (i: number, x: number, y: number) =>
  Math.hypot(points[2 * i]! - x, points[2 * i + 1]! - y)
const all = [...Array(2000).keys()]

describe('points near a place', () => {
  const near = new Near(points)
  it('are those that a look at all of them finds', () => {
    for (let k = 0; k < 300; k++) {
      const [x, y, radius] = [14 * next() - 5, 14 * next() - 5, next()]
      const [best] = all
        .filter((i) => far(i, x, y) <= radius)
        .sort((a, b) => far(a, x, y) - far(b, x, y))
      expect(near.nearest(x, y, radius)).toBe(best ?? -1)
    }
  })

  it('in a direction lie there, and beyond the last there is none', () => {
    for (const [dx, dy] of [
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
    ] as const) {
      let at = 0
      for (let k = 0; ; k++) {
        const to = near.towards(at, dx, dy)
        if (to === at) break
        expect(
          (points[2 * to]! - points[2 * at]!) * dx +
            (points[2 * to + 1]! - points[2 * at + 1]!) * dy,
        ).toBeGreaterThan(0)
        at = to
        expect(k).toBeLessThan(2000)
      }
    }
  })

  it('may all lie in one place, or be none', () => {
    expect(new Near(Float32Array.of(2, 2, 2, 2)).nearest(2, 2, 0.1)).toBeGreaterThanOrEqual(0)
    expect(new Near(new Float32Array(0)).nearest(0, 0, 9)).toBe(-1)
  })
})

describe('the view', () => {
  const size = { width: 800, height: 400 }
  it('of all has every point in the picture', () => {
    const view = viewOfAll(points, size)
    for (const i of all) {
      const { px, py } = pixelOf(view, size, points[2 * i]!, points[2 * i + 1]!)
      expect(px >= 0 && px <= 800 && py >= 0 && py <= 400).toBe(true)
      const back = placeOf(view, size, px, py)
      expect(back.x).toBeCloseTo(points[2 * i]!, 4)
      expect(back.y).toBeCloseTo(points[2 * i + 1]!, 4)
    }
  })

  it('zooms about a pixel, and moves with the pointer', () => {
    const view = viewOfAll(points, size)
    const before = placeOf(view, size, 100, 300)
    const nearer = zoomed(view, size, 3, 100, 300)
    expect(nearer.scale).toBeCloseTo(3 * view.scale, 9)
    expect(placeOf(nearer, size, 100, 300).x).toBeCloseTo(before.x, 9)
    expect(placeOf(nearer, size, 100, 300).y).toBeCloseTo(before.y, 9)
    const moved = placeOf(panned(view, 30, -20), size, 130, 280)
    expect([moved.x, moved.y]).toEqual([expect.closeTo(before.x, 9), expect.closeTo(before.y, 9)])
  })
})
