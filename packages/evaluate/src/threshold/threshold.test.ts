import { Random } from '@arcface/vision'
import { describe, expect, it } from 'vitest'
import { type PairSample, pairSample } from '../bootstrap/sample.js'
import { thresholdForFar } from './threshold.js'

/** People in a ring, `impostors` pairs of neighbours up to 30 apart, uniform scores in 0 .. 1. */
function sample(people: number, impostors: number): PairSample {
  const random = new Random(5)
  const person = Int32Array.from({ length: people }, (_, i) => i)
  const a = Int32Array.from({ length: people + impostors }, (_, p) => p % people)
  const b = a.map((i, p) => (p < people ? i : (i + 1 + random.below(30)) % people))
  const same = Uint8Array.from(a, (i, p) => Number(i === b[p]))
  const similarities = Float64Array.from(same, (label) => random.float() + label / 2)
  return pairSample(similarities, same, a, b, person)
}

describe('thresholdForFar', () => {
  it('finds the threshold of a distribution that is known', () => {
    // Uniform impostors: FAR 0.05 is at 0.95, TAR there 0.55.
    const result = thresholdForFar(sample(200, 4000), 0.05)
    expect(result.thresholdInterval.low).toBeLessThan(0.95)
    expect(result.thresholdInterval.high).toBeGreaterThan(0.95)
    expect(result.tarInterval.low).toBeLessThan(0.55)
    expect(result.tarInterval.high).toBeGreaterThan(0.55)
    expect(result.reachedFar).toBeCloseTo(0.05, 3)
    expect(result.reachedFarInterval.low).toBeLessThan(0.05)
    expect(result.reachedFarInterval.high).toBeGreaterThan(0.05)
    expect(result).toMatchObject({
      support: 'good',
      expectedFalseMatches: 200,
      impostors: 4000,
      identities: 200,
      warning: undefined,
    })
    const width = ({ low, high }: { low: number; high: number }) => high - low
    const fewer = thresholdForFar(sample(200, 400), 0.05)
    expect(width(fewer.thresholdInterval)).toBeGreaterThan(width(result.thresholdInterval))
  })

  it.each([
    [0.01, 'good', undefined],
    [0.005, 'weak', /expect 5 false matches.*about 0\.01; FAR 0\.005 takes 2000/],
    [0.002, 'none', /rule of three.*below 0\.003|below 0\.003.*rule of three/],
  ] as const)('at FAR %d of 1000 impostor pairs support is %s', (far, support, warning) => {
    const result = thresholdForFar(sample(100, 1000), far, { replicates: 50 })
    expect(result.support).toBe(support)
    expect(result.smallestFar).toBeCloseTo(0.01, 12)
    if (warning === undefined) expect(result.warning).toBeUndefined()
    else expect(result.warning).toMatch(warning)
  })

  it('a handful of impostor pairs support no FAR, and nothing above 1 is called one', () => {
    const { smallestFar, warning } = thresholdForFar(sample(40, 3), 0.5, { replicates: 50 })
    expect(smallestFar).toBeNull()
    expect(warning).toMatch(/so few show nothing\. They support no FAR; FAR 0\.5 takes 20 /)
  })

  it('refuses FAR 0', () => {
    expect(() => thresholdForFar(sample(40, 100), 0)).toThrow(
      expect.objectContaining({ code: 'EVALUATE_OPTION' }),
    )
  })
})
