import { describe, expect, it } from 'vitest'
import { similarityBy } from './similarity.js'

describe("CompreFace's similarity", () => {
  it.each([-0.2, 0, 0.2352, 0.35, 0.6, 0.99])(
    'is 0.5 at the threshold %d, above it more',
    (threshold) => {
      const similarity = similarityBy(threshold)
      expect(similarity(threshold)).toBe(0.5)
      expect(similarity(threshold + 0.001)).toBeGreaterThan(0.5)
      expect(similarity(threshold - 0.001)).toBeLessThan(0.5)
    },
  )

  it('is the formula of its documentation, of the distance between unit vectors', () => {
    const [a, b] = [
      [1, 0, 0],
      [0.36, 0.48, 0.8],
    ] as const
    const d = Math.hypot(...a.map((value, i) => value - b[i]!))
    // 0.36 is the cosine; c0 = sqrt(2 - 2 * 0.3).
    const [c0, c1] = [1.18321596, 6]
    const expected = (Math.tanh((c0 - d) * c1) + 1) / 2
    expect(similarityBy(0.3)(0.36)).toBeCloseTo(expected, 5)
  })

  it('rises from 0 to 1, and stands at five places', () => {
    const similarity = similarityBy(0.35)
    const all = Array.from({ length: 201 }, (_, i) => similarity(-1 + i / 100))
    expect(all).toEqual([...all].sort((x, y) => x - y))
    expect(all[0]).toBeLessThan(1e-4)
    // Of the very same picture: rounding may leave the cosine a little above 1.
    expect(similarity(1.0000001)).toBe(similarity(1))
    expect(similarity(1)).toBe(1)
    for (const one of all) expect(one).toBe(Number(one.toFixed(5)))
  })

  it("lies in the middle of CompreFace's own models where the model names no threshold", () => {
    const similarity = similarityBy(null)
    const [low, high] = [1.11, 1.27].map((c0) => 1 - c0 ** 2 / 2).sort((x, y) => x - y)
    expect(similarity(low!)).toBeLessThan(0.5)
    expect(similarity(high!)).toBeGreaterThan(0.5)
  })
})
