import { EvaluateError } from '../errors.js'
import { checkRate, countAbove, type ScoreArray, type Scores } from './scores.js'

/**
 * Area under the ROC curve: the share of (genuine, impostor) couples in which the genuine pair is
 * more similar, ties counting one half (Mann-Whitney). Exact, no trapezoids over a grid.
 * @throws EvaluateError EVALUATE_PAIRS where only the largest impostor scores were kept
 */
export function areaUnderRoc(scores: Scores): number {
  const { genuine, impostor } = complete(scores)
  let doubled = 0
  let [above, atLeast] = [0, 0] // impostors > score, and >= score, as the score descends
  for (const score of genuine) {
    while (above < impostor.length && impostor[above]! > score) above++
    while (atLeast < impostor.length && impostor[atLeast]! >= score) atLeast++
    doubled += impostor.length - above + (impostor.length - atLeast)
  }
  return doubled / (2 * genuine.length * impostor.length)
}

/**
 * How TAR is read where no threshold gives exactly the FAR asked for.
 * - `strict`: at the largest FAR that does not exceed it. No interpolation. A claim "at most".
 * - `nearest`: at the FAR nearest to it on the ROC curve of scikit-learn, which leaves out corners
 *   on straight lines; above it or below, of two as near the larger one. So InsightFace reads
 *   IJB-B and IJB-C (recognition/_evaluation_/ijb/ijb_11.py, with roc_curve's defaults): for
 *   comparison with its tables only, the FAR may be exceeded.
 */
export type Reading = 'strict' | 'nearest'

/** An operating point at a FAR. */
export interface OperatingPoint {
  /** The FAR asked for. */
  readonly far: number
  /** Share of impostor pairs that the threshold accepts. */
  readonly reachedFar: number
  /** Share of genuine pairs accepted. */
  readonly tar: number
  /** Accept where the cosine lies strictly above it. */
  readonly threshold: number
}

/**
 * TAR at a FAR of the pooled pairs. Strict, with I impostor pairs at most floor(far x I) are
 * accepted; below 1 / I that is none of them.
 * @throws EvaluateError EVALUATE_OPTION where far is not between 0 and 1; EVALUATE_PAIRS where it
 *   takes more impostor scores than were kept
 */
export function tarAtFar(scores: Scores, far: number, reading: Reading = 'strict'): OperatingPoint {
  checkRate(far, 'FAR')
  if (reading === 'nearest') return nearest(complete(scores), far)
  const { genuine, impostor, impostors } = scores
  const threshold = strictThreshold(impostor, impostors, far)
  return {
    far,
    reachedFar: countAbove(impostor, threshold) / impostors,
    tar: countAbove(genuine, threshold) / genuine.length,
    threshold,
  }
}

/**
 * The lowest threshold that no more than the share `far` of the impostors lies strictly above.
 * @param impostor descending: all of them, or the largest
 * @throws EvaluateError EVALUATE_PAIRS where it takes more scores than were kept
 */
export function strictThreshold(impostor: ScoreArray, impostors: number, far: number): number {
  // Dividing is exact enough to compare, multiplying is not: 0.07 * 100 = 7.000000000000001.
  let allowed = Math.min(Math.ceil(far * impostors), impostors - 1)
  while (allowed / impostors > far) allowed--
  if (allowed < impostor.length) return impostor[allowed]!
  throw new EvaluateError(
    'EVALUATE_PAIRS',
    `FAR ${far} of ${impostors} impostor pairs takes the ${allowed + 1} largest scores, but ${impostor.length} were kept`,
  )
}

function nearest({ genuine, impostor }: Scores, far: number): OperatingPoint {
  let best = { far, reachedFar: 0, tar: 0, threshold: Math.max(genuine[0]!, impostor[0]!) }
  const better = (f: number) =>
    Math.abs(f / impostor.length - far) <= Math.abs(best.reachedFar - far)
  // Accepted so far (t genuine, f impostors), and what the last step had added to them.
  let [t, f, lastT, lastF] = [0, 0, 0, 0]
  while (t < genuine.length || f < impostor.length) {
    const score = Math.max(genuine[t] ?? -Infinity, impostor[f] ?? -Infinity)
    let [nextT, nextF] = [t, f]
    while (genuine[nextT] === score) nextT++
    while (impostor[nextF] === score) nextF++
    // The corner before this score is drawn unless the curve goes straight on through it.
    const straight = nextT - t === lastT && nextF - f === lastF
    // scikit-learn puts the origin in front afterwards, so the first score is a corner always.
    const corner = t + f > 0 && (!straight || t + f === lastT + lastF)
    if (corner && better(f)) {
      best = { far, reachedFar: f / impostor.length, tar: t / genuine.length, threshold: score }
    }
    lastT = nextT - t
    lastF = nextF - f
    t = nextT
    f = nextF
  }
  if (better(f)) best = { far, reachedFar: 1, tar: 1, threshold: -Infinity }
  return best
}

/** A point of the ROC curve. */
export interface RocPoint {
  readonly far: number
  readonly tar: number
  /** Accept strictly above it. */
  readonly threshold: number
}

/**
 * The corners of the ROC curve, FAR ascending: for each number of accepted impostors that some
 * threshold gives, the best TAR. The first has FAR 0, the last is (1, 1). DET is the same with
 * FNMR = 1 - TAR.
 *
 * @param ratio leaves out corners whose FAR is less than so many times that of the last one kept:
 *   1.01 keeps some 230 a decade, of millions of scores. Default 1: all of them
 * @throws EvaluateError EVALUATE_OPTION, EVALUATE_PAIRS
 */
export function rocCurve(scores: Scores, ratio = 1): RocPoint[] {
  if (!(ratio >= 1)) {
    throw new EvaluateError('EVALUATE_OPTION', `a ratio of FARs is 1 or more, not ${ratio}`)
  }
  const { genuine, impostor } = complete(scores)
  const points: RocPoint[] = []
  for (let accepted = 0; accepted < impostor.length; ) {
    const threshold = impostor[accepted]!
    const tar = countAbove(genuine, threshold) / genuine.length
    points.push({ far: accepted / impostor.length, tar, threshold })
    accepted = Math.max(accepted + 1, Math.ceil(accepted * ratio))
    // A tie with the one before: no threshold accepts just so many.
    while (accepted < impostor.length && impostor[accepted] === impostor[accepted - 1]) accepted++
  }
  points.push({ far: 1, tar: 1, threshold: -Infinity })
  return points
}

function complete(scores: Scores): Scores {
  if (scores.impostor.length !== scores.impostors) {
    throw new EvaluateError(
      'EVALUATE_PAIRS',
      `of ${scores.impostors} impostor scores only the largest ${scores.impostor.length} were kept; this figure takes all`,
    )
  }
  return scores
}
