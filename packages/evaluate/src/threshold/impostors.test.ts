import { Random } from '@arcface/vision'
import { describe, expect, it } from 'vitest'
import { impostorsOf, measureThresholds } from './impostors.js'

/** Uniform scores in 0 .. 1, each pair of two other people. */
function uniform(pairs: number) {
  const random = new Random(11)
  return {
    pairs,
    people: 2 * pairs,
    scores: Float64Array.from({ length: pairs }, () => random.float())
      .sort()
      .reverse(),
    first: Int32Array.from({ length: pairs }, (_, i) => 2 * i),
    second: Int32Array.from({ length: pairs }, (_, i) => 2 * i + 1),
  }
}

describe('measureThresholds', () => {
  it('names the cosines of a distribution that is known, as far as ten couples bear them out', () => {
    const { source, cosine, impostors } = measureThresholds(uniform(100_000), 'a set')
    expect(source).toBe('100,000 pairs of 200000 people of a set')
    expect(Object.keys(cosine)).toEqual(['1e-1', '3e-2', '1e-2', '3e-3', '1e-3', '3e-4', '1e-4'])
    for (const [far, value] of Object.entries(cosine)) {
      const error = 4 * Math.sqrt(Number(far) / 100_000) // four standard errors
      expect(Math.abs(value - (1 - Number(far)))).toBeLessThan(error)
    }
    expect(impostors).toMatchObject({ pairs: 100_000, people: 200_000, smallestFar: 1e-4 })
  })

  it('exceeds no FAR on the pairs themselves', () => {
    const sample = uniform(20_000)
    for (const [far, value] of Object.entries(measureThresholds(sample, 'a set').cosine)) {
      const passed = sample.scores.filter((score) => score > value).length
      expect(passed).toBeLessThanOrEqual(Number(far) * 20_000)
      expect(passed).toBeGreaterThanOrEqual(Number(far) * 20_000 - 1)
    }
  })

  it('counts photographs of one couple once', () => {
    const sample = uniform(100_000)
    // The 500 most alike pairs are of two people.
    sample.first.fill(0, 0, 500)
    sample.second.fill(1, 0, 500)
    const { cosine, impostors } = measureThresholds(sample, 'a set')
    expect(impostors!.smallestFar).toBe(509 / 100_000)
    expect(Object.keys(cosine)).toEqual(['1e-1', '3e-2', '1e-2'])
  })

  it('needs only the largest scores, and a sample of all for the others', () => {
    const all = uniform(100_000)
    const whole = measureThresholds(all, 'a set')
    const some = {
      ...all,
      scores: all.scores.slice(0, 1500),
      sample: all.scores.filter((_, i) => i % 10 === 5),
    }
    const part = measureThresholds(some, 'a set')
    expect(part.impostors).toEqual(whole.impostors)
    expect(part.cosine['1e-2']).toBe(whole.cosine['1e-2'])
    expect(part.cosine['1e-1']).toBeCloseTo(whole.cosine['1e-1']!, 3)
  })

  it('says so where pairs bear out nothing', () => {
    expect(() => measureThresholds(uniform(50), 'a set')).toThrow(
      expect.objectContaining({ code: 'EVALUATE_PAIRS' }),
    )
  })
})

it('impostorsOf takes the pairs of two people, most alike first', () => {
  const found = impostorsOf({
    similarities: Float64Array.of(0.1, 0.9, 0.3, 0.2),
    same: Uint8Array.of(0, 1, 0, 0),
    first: Int32Array.of(0, 1, 2, 0),
    second: Int32Array.of(1, 1, 3, 2),
  })
  expect(found).toEqual({
    pairs: 3,
    people: 4,
    scores: Float64Array.of(0.3, 0.2, 0.1),
    first: Int32Array.of(2, 0, 0),
    second: Int32Array.of(3, 2, 1),
  })
})
