import type { Calibration } from '@arcface/onnx'
import { Random } from '@arcface/vision'
import type { BootstrapOptions, Interval } from '../bootstrap/bootstrap.js'
import { EvaluateError } from '../errors.js'
import { checkRate } from '../roc/scores.js'
import { boundsOf } from './bounds.js'
import { cllrOf } from './cllr.js'
import { crossFitted, type Fit } from './cross.js'
import { bounded, rounded } from './curve.js'
import { type CalibrationFigures, figuresOf } from './figures.js'
import { fitIsotonic } from './isotonic.js'
import { fitLogistic } from './logistic.js'
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
export interface CalibrationResult
  extends Pick<CalibrationFigures, 'cllrInterval' | 'calibrationLoss' | 'reliability'> {
  /** It says the Cllr, too. */
  readonly calibration: Calibration
  /** Cllr of either way to fit, in bits. */
  readonly tried: { readonly [method in Calibration['method']]: number }
  /** The smallest and the largest likelihood ratio that is claimed. */
  readonly likelihoodRatios: Interval
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
  const { minCllr, ...figures } = figuresOf(scores, llr, prior, sample.identities, options)
  const pairs = scores.same.length
  const genuine = scores.same.reduce((sum, label) => sum + label, 0)
  const measured = { source, people: peopleIn(scores), images, genuine, impostors: pairs - genuine }
  return {
    calibration: { method, prior, points, measured: { ...measured, cllr, minCllr } },
    tried: { logistic: tried[0]!.cllr, isotonic: tried[1]!.cllr },
    cllrInterval: figures.cllrInterval,
    calibrationLoss: figures.calibrationLoss,
    likelihoodRatios: { low: Math.exp(points[0]![1]), high: Math.exp(points.at(-1)![1]) },
    reliability: figures.reliability,
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
