import type { Calibration } from '@arcface/onnx'
import { Random } from '@arcface/vision'
import { type BootstrapOptions, bootstrap, type Interval } from '../bootstrap/bootstrap.js'
import { EvaluateError } from '../errors.js'
import { checkRate } from '../roc/scores.js'
import { boundsOf } from './bounds.js'
import { cllrOf, costOf } from './cllr.js'
import { crossFitted, type Fit } from './cross.js'
import { bounded, rounded } from './curve.js'
import { fitIsotonic, minCllrOf } from './isotonic.js'
import { fitLogistic } from './logistic.js'
import { Reliability, type ReliabilityBin } from './reliability.js'
import { type CalibrationSample, supportOf, type Weighed, weigh } from './scores.js'

/** Parts of the people, see `crossFitted`. */
const PARTS = 5

export interface CalibrateOptions extends BootstrapOptions {
  /** Share of genuine pairs among those that will be compared. Default 0.5. */
  readonly prior?: number | undefined
  /** Whose faces these are. */
  readonly source: string
  /** How many images the pairs are of. */
  readonly images: number
}

/** A calibration, and how well it does for people that it was not fitted to. */
export interface CalibrationResult {
  readonly calibration: Calibration
  /** Cllr of either way to fit, in bits. */
  readonly tried: { readonly [method in Calibration['method']]: number }
  /** Of the Cllr, when other people are drawn. */
  readonly cllrInterval: Interval
  /** What of the Cllr is wrong in the probabilities, not in the embeddings: Cllr - minCllr. */
  readonly calibrationLoss: number
  /** The smallest and the largest likelihood ratio that is claimed. */
  readonly likelihoodRatios: Interval
  readonly reliability: readonly ReliabilityBin[]
}

/**
 * How likely two faces of a cosine are one person's, learnt from scored pairs, and tried on people that it was not learnt
 * from. Two ways are tried, logistic (`fitLogistic`) and isotonic (`fitIsotonic`), within the bounds that the pairs bear out
 * (`boundsOf`); taken is the one of the lower cross-validated Cllr, logistic where they are the same.
 * @throws EvaluateError EVALUATE_OPTION (prior), EVALUATE_PAIRS, EVALUATE_EMBEDDING; EVALUATE_CALIBRATION where there are
 *   too few pairs or people, or the cosines tell nobody apart
 */
export function calibrate(
  sample: CalibrationSample,
  { prior = 0.5, source, images, ...options }: CalibrateOptions,
): CalibrationResult {
  checkRate(prior, 'prior')
  const scores = weigh(sample)
  const support = supportOf(scores)
  const fits = {
    logistic: (of, support) => fitLogistic(of, support, prior),
    isotonic: fitIsotonic,
  } as const satisfies Record<string, Fit>
  const methods = ['logistic', 'isotonic'] as const
  const partOf = partsOf(scores, sample.identities)
  const foreign = crossFitted(
    scores,
    partOf,
    PARTS,
    methods.map((method) => fits[method]),
  )
  const tried = foreign.map((free) => {
    const { low, high } = boundsOf(free, scores, support)
    const llr = free.map((value) => Math.max(low, Math.min(high, value)))
    return { low, high, llr, cllr: cllrOf(llr, scores) }
  })
  const method = tried[1]!.cllr < tried[0]!.cllr ? 'isotonic' : 'logistic'
  const { low, high, llr, cllr } = tried[methods.indexOf(method)]!
  const points = rounded(bounded(fits[method](scores, support), low, high))
  if (points.length < 2)
    throw new EvaluateError(
      'EVALUATE_CALIBRATION',
      'the cosines of these pairs tell nobody apart who was left out of the fit, so no probability can be given',
    )
  const minCllr = minCllrOf(scores)
  const pairs = scores.same.length
  const genuine = scores.same.reduce((sum, label) => sum + label, 0)
  const measured = { source, people: peopleIn(scores), images, genuine, impostors: pairs - genuine }
  return {
    calibration: { method, prior, points, measured: { ...measured, cllr, minCllr } },
    tried: { logistic: tried[0]!.cllr, isotonic: tried[1]!.cllr },
    calibrationLoss: cllr - minCllr,
    likelihoodRatios: { low: Math.exp(points[0]![1]), high: Math.exp(points.at(-1)![1]) },
    ...drawn(scores, llr, prior, sample.identities, options),
  }
}

/** Parts of the people at random, in each as many with genuine pairs. */
function partsOf({ same, first }: Weighed, identities: number): Uint8Array {
  const known = new Uint8Array(identities)
  for (const [p, label] of same.entries()) if (label === 1) known[first[p]!] = 1
  const order = [...new Random(0).permutation(identities)].sort((a, b) => known[b]! - known[a]!)
  const partOf = new Uint8Array(identities)
  for (const [place, person] of order.entries()) partOf[person] = place % PARTS
  return partOf
}

const peopleIn = ({ first, second }: Weighed): number => new Set([...first, ...second]).size

/** Intervals by draws of people. */
function drawn(
  scores: Weighed,
  llr: Float64Array,
  prior: number,
  identities: number,
  options: BootstrapOptions,
): Pick<CalibrationResult, 'cllrInterval' | 'reliability'> {
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
  const intervals = new Map(wide.map((bin, i) => [bin, shares[i]!]))
  return {
    cllrInterval: cllrInterval!,
    reliability: reliability.bins(intervals, supportOf(scores)),
  }
}
