import type { Calibration, Thresholds } from '@arcface/onnx'
import { VisionError } from '../errors.js'

/** How likely two faces are one person's. */
export interface MatchProbability {
  /** That they are, where the share `prior` of such comparisons is genuine. */
  readonly probability: number
  readonly prior: number
  /** How many times likelier the cosine is of one person than of two; whatever the prior. */
  readonly likelihoodRatio: number
  /** Whether the cosine lies where no more is claimed: the pairs measured bear out no larger, or no smaller, ratio. */
  readonly atBound: boolean
}

/**
 * Natural logarithm of the likelihood ratio at a cosine: on the line between two points, beyond them that of the last.
 * @param points of a `Calibration`
 */
export function logLikelihoodRatio(points: Calibration['points'], cosine: number): number {
  let [low, high] = [0, points.length - 1]
  if (cosine <= points[low]![0]) return points[low]![1]
  if (cosine >= points[high]![0]) return points[high]![1]
  while (high - low > 1) {
    const middle = (low + high) >>> 1
    if (points[middle]![0] <= cosine) low = middle
    else high = middle
  }
  const [[x, y], [nextX, nextY]] = [points[low]!, points[high]!]
  return y + ((cosine - x) / (nextX - x)) * (nextY - y)
}

/**
 * The probability that two faces of this cosine are one person's: Bayes' rule on the likelihood ratio.
 * @param prior share of genuine pairs among those that are compared, before they are; by default that of the calibration
 * @param faces of how many faces of one person the cosine is the best. The ratio is divided by their number: so many
 *   times more often one of them is that much like a stranger
 * @throws VisionError VISION_USE for a cosine or a prior that is none
 */
export function probabilityOf(
  { points, prior: own }: Pick<Calibration, 'points' | 'prior'>,
  cosine: number,
  prior = own,
  faces = 1,
): MatchProbability {
  if (Number.isNaN(cosine))
    throw new VisionError('VISION_USE', 'a probability takes a cosine, not NaN')
  if (!(prior > 0 && prior < 1))
    throw new VisionError('VISION_USE', `a prior lies between 0 and 1, not at ${prior}`)
  const llr = logLikelihoodRatio(points, cosine) - Math.log(faces)
  return {
    probability: probabilityAt(llr, prior),
    prior,
    likelihoodRatio: Math.exp(llr),
    atBound: cosine <= points[0]![0] || cosine >= points.at(-1)![0],
  }
}

/** Bayes' rule. @param llr natural logarithm of the likelihood ratio */
export const probabilityAt = (llr: number, prior: number): number =>
  1 / (1 + ((1 - prior) / prior) * Math.exp(-llr))

/** What a comparison tells besides its verdict: nothing without a calibration, or of faces that cannot be compared. */
export const comparedProbability = (
  known: Thresholds | undefined,
  similarity: number,
  rejected: readonly unknown[],
  faces = 1,
): MatchProbability | undefined =>
  known?.calibration && rejected.length === 0
    ? probabilityOf(known.calibration, similarity, undefined, faces)
    : undefined
