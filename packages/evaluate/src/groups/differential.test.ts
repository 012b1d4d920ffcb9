import { describe, expect, it } from 'vitest'
import { binomialLimits, normalQuantile, studentQuantile } from '../bootstrap/statistics.js'
import { groupGoldens } from '../testing/goldens.js'
import { bothErrors, differentialOf, geometricMean, gini } from './differential.js'
import type { GroupFigures } from './schema.js'

const golden = groupGoldens()

const group = (name: string, value: number, low: number, high: number): GroupFigures => {
  const rate = { value, low, high, trials: 1000, errors: 1000 * value, people: 50, affected: 5 }
  return { name, people: 50, images: 100, skipped: 0, fmr: rate, fnmr: rate }
}

describe('measures of a difference', () => {
  it.each(golden.measures)('of $values are those of numpy', ({ values, ...expected }) => {
    expect(gini(values)).toBeCloseTo(expected.gini, 12)
    if (expected.maxToGeometricMean !== null)
      expect(Math.max(...values) / geometricMean(values)).toBeCloseTo(
        expected.maxToGeometricMean,
        12,
      )
  })

  it('are not made up where nothing went wrong', () => {
    expect(gini([0, 0])).toBeNull()
    const none = [group('a', 0, 0, 0.1), group('b', 0, 0, 0.2)]
    const found = differentialOf(none, 'fmr', 0.95)!
    const nothing = { maxToMin: null, maxToGeometricMean: null, gini: null, shown: null }
    expect(found).toMatchObject({ ...nothing, low: 1, high: null })
    expect(bothErrors(none, found, found)).toEqual({ fdr: 1, garbe: null })
    expect(differentialOf(none.slice(1), 'fmr', 0.95)).toBeNull()
  })

  it('tell of a group without errors how large the ratio is at least', () => {
    const found = differentialOf(
      [group('a', 0.2, 0.1, 0.4), group('b', 0, 0, 0.05), group('c', 0, 0, 0.02)],
      'fmr',
      0.95,
    )!
    expect(found).toMatchObject({ largest: 'a', maxToMin: null, high: null })
    expect(found.shown).toEqual({ larger: 'a', smaller: 'c' })
    expect(found.low).toBeGreaterThan(1)
    // Wider than for one couple of groups, for there are three.
    expect(found.low).toBeLessThan(0.1 / 0.02)
  })

  it('have for two groups the interval of the ratio of two rates, and a wider one for more', () => {
    // By hand: the limits lie as far away on the logarithmic scale as both intervals together.
    const two = [group('a', 0.4, 0.2, 0.8), group('b', 0.1, 0.05, 0.2)]
    const { maxToMin, low, high, shown } = differentialOf(two, 'fmr', 0.95)!
    expect(maxToMin).toBe(4)
    expect(low).toBeCloseTo(4 * 2 ** -Math.SQRT2, 12)
    expect(high).toBeCloseTo(4 * 2 ** Math.SQRT2, 12)
    expect(shown).toEqual({ larger: 'a', smaller: 'b' })
    const three = differentialOf([...two, group('c', 0.15, 0.1, 0.2)], 'fmr', 0.95)!
    expect(three.low).toBeLessThan(low)
    expect(three.high).toBeGreaterThan(high!)
    const unknown = differentialOf([two[0]!, group('b', 0.1, 0, 0.2)], 'fmr', 0.95)!
    expect(unknown.high).toBeNull()
    // What may be 1 is not below it: the largest rate is not smaller than the smallest.
    const equal = differentialOf([two[0]!, group('b', 0.3, 0.15, 0.6)], 'fmr', 0.95)!
    expect(equal).toMatchObject({ low: 1, shown: null })
  })

  it('are shown by other groups too, where of the smallest rate little is known', () => {
    const found = differentialOf(
      [group('a', 0.4, 0.38, 0.42), group('b', 0.1, 0.09, 0.11), group('c', 0.02, 1e-6, 0.9)],
      'fmr',
      0.95,
    )!
    expect(found).toMatchObject({ largest: 'a', smallest: 'c' })
    expect(found.shown).toEqual({ larger: 'a', smaller: 'b' })
    expect(found.low).toBeGreaterThan(3)
    expect(found.low).toBeLessThan(4)
  })
})

describe('quantiles', () => {
  it.each(golden.binomial)('$count of $trials have the limits of scipy', (given) => {
    const { low, high } = binomialLimits(given.count, given.trials, given.level)
    expect(Math.abs(low - given.low)).toBeLessThanOrEqual(1e-9 * given.low)
    expect(Math.abs(high - given.high)).toBeLessThanOrEqual(1e-9 * given.high)
  })

  it('are those of scipy', () => {
    for (const { share, degrees, value } of golden.student)
      expect(Math.abs(studentQuantile(share, degrees) / value - 1)).toBeLessThan(0.01)
    for (const { share, value } of golden.normal)
      expect(normalQuantile(share)).toBeCloseTo(value, 3)
  })
})
