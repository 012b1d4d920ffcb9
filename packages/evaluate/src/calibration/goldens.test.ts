import { readFileSync } from 'node:fs'
import { logLikelihoodRatio } from '@arcface/vision'
import { describe, expect, it } from 'vitest'
import { boundsOf } from './bounds.js'
import { cllrOf } from './cllr.js'
import { crossFitted } from './cross.js'
import { fitIsotonic, minCllrOf } from './isotonic.js'
import { fitLogistic } from './logistic.js'
import { Reliability } from './reliability.js'
import { supportOf, weigh } from './scores.js'

/** What goldens/calibration.py wrote. */
interface Golden {
  cosine: number[]
  same: number[]
  first: number[]
  second: number[]
  weight: number[]
  people: number
  support: [people: number, couples: number]
  minCllr: number
  grid: number[]
  isotonic: number[]
  priors: number[]
  logistic: number[][]
  part: number[]
  crossed: { logistic: number[]; isotonic: number[] }
  cllr: { logistic: number; isotonic: number }
  bounds: [low: number, high: number]
  reliability: Record<
    string,
    [from: number, to: number, told: number, genuine: number, pairs: number][]
  >
}

const golden: Golden = JSON.parse(
  readFileSync(new URL('../../goldens/generated/calibration.json', import.meta.url), 'utf8'),
)
const scores = weigh({
  similarities: Float64Array.from(golden.cosine),
  same: Uint8Array.from(golden.same),
  first: Int32Array.from(golden.first),
  second: Int32Array.from(golden.second),
  weights: Float64Array.from(golden.weight),
  identities: golden.people,
})
const support = supportOf(scores)
/** A pair's figures in the order in which `weigh` has sorted the pairs; the sort keeps ties in order. */
const sorted = (values: readonly number[]) =>
  Float64Array.from(
    [...golden.cosine.keys()].sort((p, q) => golden.cosine[p]! - golden.cosine[q]!),
    (p) => values[p]!,
  )
const crossed = () =>
  crossFitted(scores, golden.part, 4, [(of, known) => fitLogistic(of, known, 0.5), fitIsotonic])

describe('beside numpy and scikit-learn', () => {
  it('people and couples', () => {
    expect([support.people, support.couples]).toEqual(golden.support)
  })

  it('minCllr', () => {
    expect(minCllrOf(scores)).toBeCloseTo(golden.minCllr, 12)
  })

  it('isotonic', () => {
    const curve = fitIsotonic(scores, support)
    for (const [i, cosine] of golden.grid.entries())
      expect(logLikelihoodRatio(curve, cosine)).toBeCloseTo(golden.isotonic[i]!, 9)
  })

  it.each(golden.priors.map((prior, i) => [prior, i]))('logistic for a prior of %d', (prior, i) => {
    const curve = fitLogistic(scores, support, prior)
    // The parabola is stored in straight pieces.
    for (const [k, cosine] of golden.grid.entries())
      expect(Math.abs(logLikelihoodRatio(curve, cosine) - golden.logistic[i]![k]!)).toBeLessThan(
        1e-3,
      )
  })

  it('each pair by fits that knew neither of its people', () => {
    const [logistic, isotonic] = crossed()
    const off = (found: Float64Array, expected: number[]) =>
      Math.max(...sorted(expected).map((llr, p) => Math.abs(llr - found[p]!)))
    expect(off(logistic!, golden.crossed.logistic)).toBeLessThan(1e-3)
    expect(off(isotonic!, golden.crossed.isotonic)).toBeLessThan(1e-9)
  })

  it('Cllr', () => {
    for (const name of ['logistic', 'isotonic'] as const)
      expect(cllrOf(sorted(golden.crossed[name]), scores)).toBeCloseTo(golden.cllr[name], 12)
    const [logistic, isotonic] = crossed()
    expect(cllrOf(logistic!, scores)).toBeCloseTo(golden.cllr.logistic, 4)
    expect(cllrOf(isotonic!, scores)).toBeCloseTo(golden.cllr.isotonic, 9)
  })

  it('the ratios that are borne out', () => {
    const { low, high } = boundsOf(sorted(golden.crossed.logistic), scores, support)
    const [least, most] = golden.bounds // tried in steps of 1e-4
    expect(Math.abs(low - least)).toBeLessThan(2e-4)
    expect(Math.abs(high - most)).toBeLessThan(2e-4)
  })

  it.each(golden.priors)('reliability for a prior of %d', (prior) => {
    const reliability = new Reliability(scores, sorted(golden.crossed.logistic), prior)
    const bins = reliability.bins(new Map(), support)
    expect(bins.map(({ from, to, pairs }) => [from, to, pairs])).toEqual(
      golden.reliability[prior]!.map(([from, to, , , pairs]) => [from, to, pairs]),
    )
    for (const [i, { told, genuine }] of bins.entries()) {
      expect(told).toBeCloseTo(golden.reliability[prior]![i]![2], 12)
      expect(genuine).toBeCloseTo(golden.reliability[prior]![i]![3], 12)
    }
  })
})
