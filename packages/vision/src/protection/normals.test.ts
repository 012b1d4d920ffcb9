import { describe, expect, it } from 'vitest'
import { Random } from '../random/random.js'
import { exactLog, normalsOf, wordsFor } from './normals.js'

describe('exactLog', () => {
  it('is the natural logarithm, to two units of the last place', () => {
    const random = new Random(1)
    for (let i = 0; i < 20_000; i++) {
      const x = 2 ** random.between(-110, 3)
      const truth = Math.log(x)
      // Where the logarithm is small, so is what its last place is worth.
      expect(Math.abs(exactLog(x) - truth)).toBeLessThanOrEqual(2 ** -51 * Math.abs(truth))
    }
    expect(exactLog(1)).toBe(0)
  })
})

describe('normalsOf', () => {
  const words = (count: number) => {
    const random = new Random(2)
    return Uint32Array.from({ length: wordsFor(count) }, () => random.uint32())
  }

  it('has the distribution function of the normal (Kolmogorov and Smirnov)', () => {
    const n = 100_000
    const sorted = normalsOf(words(n), n).sort()
    let worst = 0
    sorted.forEach((x, i) => {
      worst = Math.max(worst, Math.abs(normalBelow(x) - (i + 0.5) / n))
    })
    // Exceeded by one sample of 10^5 (the limit's 2 exp(-2 x^2)).
    expect(worst).toBeLessThan(2.47 / Math.sqrt(n))
  })

  it('gives as many as are asked, odd numbers too, and never fewer', () => {
    expect(normalsOf(words(3), 3)).toHaveLength(3)
    expect(normalsOf(words(3), 2)).toEqual(normalsOf(words(3), 3).subarray(0, 2))
    expect(() => normalsOf(words(3).subarray(0, 8), 30)).toThrow(RangeError)
  })
})

/** The normal distribution function by Simpson's rule over the density. */
function normalBelow(x: number): number {
  const steps = 64
  let sum = 0
  for (let i = 0; i <= steps; i++) {
    const weight = i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2
    sum += weight * Math.exp(-(((x * i) / steps) ** 2) / 2)
  }
  return 0.5 + ((x / steps / 3) * sum) / Math.sqrt(2 * Math.PI)
}
