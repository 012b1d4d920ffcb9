import { Random, tailCosine } from '@arcface/vision'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fitTail } from './tail.js'

/** Quantile of the generalised Pareto distribution, written out: x with P(X > x) = p. */
const pareto = (p: number, shape: number, scale: number) =>
  shape === 0 ? -scale * Math.log(p) : (scale / shape) * (p ** -shape - 1)

describe('fitTail', () => {
  it.each([
    [-0.3, 0.04],
    [-0.1, 0.035],
    [0, 0.03],
  ])('finds shape %d and scale %d of a sample', (shape, scale) => {
    // A share of 0.1 exceeds 0.4, and the excesses are of that distribution.
    const random = new Random(3)
    const n = 4_000_000
    const count = 4000 // 2 sqrt(n)
    const rate = count / n
    const excesses = Float64Array.from({ length: 400_000 }, () =>
      pareto(random.float() || 0.5, shape, scale),
    )
    excesses.sort().reverse()
    const scores = excesses.map((excess) => 0.4 + excess)
    const tail = fitTail(scores, n)!
    expect(tail.rate).toBeCloseTo(rate, 12)
    expect(tail.level).toBe(scores[count])
    expect(tail.shape).toBeGreaterThan(shape - 0.06)
    expect(tail.shape).toBeLessThan(shape + 0.06)
    // At a FAR that nothing was fitted to, of the distribution: share 0.1 of all exceed 0.4.
    for (const far of [1e-4, 1e-5, 1e-6])
      expect(
        Math.abs(tailCosine(tail, far) - (0.4 + pareto(far / 0.1, shape, scale))),
      ).toBeLessThan(0.012)
  })

  it('is the uniform distribution where the scores are evenly spaced: shape -1, scale the range', () => {
    const n = 40_000
    const scores = Float64Array.from({ length: n }, (_, i) => 1 - (i + 0.5) / n)
    const tail = fitTail(scores, n)!
    expect(tail.shape).toBeCloseTo(-1, 2)
    expect(tail.scale).toBeCloseTo(400 / n, 4)
    expect(tailCosine(tail, 0.005)).toBeCloseTo(0.995, 4)
  })

  it('takes the exponential for a tail that is heavier', () => {
    const n = 10_000
    const scores = Float64Array.from({ length: n }, (_, i) => (n / (i + 1)) ** 0.5 / 1000)
    expect(fitTail(scores, n)!.shape).toBe(0)
  })

  it('counts a score by its weight, as if it stood there so often', () => {
    const random = new Random(8)
    const n = 10_000
    const times = Int32Array.from({ length: n }, () => 1 + random.below(3))
    const scores = Float64Array.from({ length: n }, () => pareto(random.float() || 0.5, -0.2, 0.1))
    scores.sort().reverse()
    const all = times.reduce((sum, k) => sum + k, 0)
    const weights = Float64Array.from(times, (k) => k / all)
    const repeated = Float64Array.from(
      [...scores].flatMap((score, i) => Array(times[i]!).fill(score)),
    )
    const [one, other] = [fitTail(scores, all, weights)!, fitTail(repeated, all)!]
    for (const key of ['level', 'rate', 'shape', 'scale'] as const)
      expect(Math.abs(one[key] / other[key] - 1)).toBeLessThan(0.02)
  })

  it('fits nothing to a few pairs, nor where all are the same', () => {
    expect(fitTail(new Float64Array(150).fill(0.2), 150)).toBeUndefined()
    expect(fitTail(new Float64Array(10_000).fill(0.2), 10_000)).toBeUndefined()
    expect(
      fitTail(
        Float64Array.from({ length: 50 }, (_, i) => -i),
        1e6,
      ),
    ).toBeUndefined()
  })
})

it('tailCosine inverts the distribution function, and rises as the FAR falls', () => {
  const level = fc.double({ min: -0.5, max: 0.8, noNaN: true })
  const shape = fc.double({ min: -1, max: 0, noNaN: true })
  const scale = fc.double({ min: 1e-3, max: 0.2, noNaN: true })
  const share = fc.double({ min: 1e-6, max: 1, noNaN: true })
  fc.assert(
    fc.property(level, shape, scale, share, share, (level, shape, scale, p, q) => {
      const tail = { level, rate: 1e-2, shape, scale }
      const excess = tailCosine(tail, 1e-2 * p) - level
      const exceeded =
        Math.abs(shape) < 1e-4
          ? Math.exp(-excess / scale)
          : Math.max(0, 1 + (shape * excess) / scale) ** (-1 / shape)
      expect(Math.abs(exceeded - p)).toBeLessThan(1e-3)
      const [low, high] = [Math.min(p, q), Math.max(p, q)]
      expect(tailCosine(tail, 1e-2 * low)).toBeGreaterThanOrEqual(tailCosine(tail, 1e-2 * high))
    }),
  )
})
