import type { Calibration } from '@arcface/onnx'
import { logLikelihoodRatio } from '@arcface/vision'
import { type BootstrapOptions, bootstrap, type Interval } from '../bootstrap/bootstrap.js'
import { checkRate } from '../roc/scores.js'
import { cllrOf, costOf } from './cllr.js'
import { minCllrOf } from './isotonic.js'
import { Reliability, type ReliabilityBin } from './reliability.js'
import { type CalibrationSample, supportOf, type Weighed, weigh } from './scores.js'

/** How well likelihood ratios mean what they say. */
export interface CalibrationFigures {
  /** In bits; see `cllrOf`. */
  readonly cllr: number
  /** When other people are drawn. */
  readonly cllrInterval: Interval
  /** Of the monotone function of the cosine that suits these very pairs best. */
  readonly minCllr: number
  /** What of the Cllr is wrong in the probabilities, not in the embeddings: Cllr - minCllr. */
  readonly calibrationLoss: number
  readonly reliability: readonly ReliabilityBin[]
}

/**
 * How well a calibration holds for other pairs than those that it was made of.
 * @throws as `calibrate`
 */
export function measureCalibration(
  { points, prior: own }: Pick<Calibration, 'points' | 'prior'>,
  sample: CalibrationSample,
  { prior = own, ...options }: BootstrapOptions & { readonly prior?: number | undefined } = {},
): CalibrationFigures {
  checkRate(prior, 'prior')
  const scores = weigh(sample)
  const llr = scores.cosine.map((cosine) => logLikelihoodRatio(points, cosine))
  return figuresOf(scores, llr, prior, sample.identities, options)
}

/** @param llr natural logarithm of the likelihood ratio of each pair */
export function figuresOf(
  scores: Weighed,
  llr: Float64Array,
  prior: number,
  identities: number,
  options: BootstrapOptions,
): CalibrationFigures {
  const [cllr, minCllr] = [cllrOf(llr, scores), minCllrOf(scores)]
  const drawn = intervals(scores, llr, prior, identities, options)
  return { cllr, minCllr, calibrationLoss: cllr - minCllr, ...drawn }
}

/** Intervals by draws of people. */
function intervals(
  scores: Weighed,
  llr: Float64Array,
  prior: number,
  identities: number,
  options: BootstrapOptions,
): Pick<CalibrationFigures, 'cllrInterval' | 'reliability'> {
  const { same, first, second } = scores
  const reliability = new Reliability(scores, llr, prior)
  const wide = reliability.wide()
  const cost = llr.map((value, p) => costOf(value, same[p]!))
  const weight = new Float64Array(same.length)
  const [cllrInterval, ...shares] = bootstrap(
    identities,
    (draws) => {
      const [sums, costs] = [
        [0, 0],
        [0, 0],
      ]
      for (const [p, label] of same.entries()) {
        const times = draws[first[p]!]! * (label === 1 ? 1 : draws[second[p]!]!)
        weight[p] = scores.weight[p]! * times
        sums[label]! += weight[p]!
        costs[label]! += weight[p]! * cost[p]!
      }
      const found = reliability.shares(weight)
      return [(costs[0]! / sums[0]! + costs[1]! / sums[1]!) / 2, ...wide.map((bin) => found[bin]!)]
    },
    options,
  )
  const byBin = new Map(wide.map((bin, i) => [bin, shares[i]!]))
  return {
    cllrInterval: cllrInterval!,
    reliability: reliability.bins(byBin, supportOf(scores)),
  }
}
