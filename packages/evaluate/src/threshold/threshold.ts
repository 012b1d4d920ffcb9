import { type BootstrapOptions, bootstrap, type Interval } from '../bootstrap/bootstrap.js'
import type { PairSample } from '../bootstrap/sample.js'
import { WeightedPairs } from '../bootstrap/weighted.js'
import { tarAtFar } from '../roc/roc.js'
import { scoresOf } from '../roc/scores.js'

/** With none of n trials failed, the rate lies below 3 / n at 95 % (exp(-3) = 0.05). */
const RULE_OF_THREE = 3
/** Below so many expected false matches a measured FAR may well be off by half. */
const ENOUGH = 10

/** A threshold for use, and how far the pairs bear it out. */
export interface ThresholdResult {
  /** The FAR wanted. */
  readonly far: number
  /** Accept where the cosine lies strictly above it: strict, see `tarAtFar`. */
  readonly threshold: number
  /** Between them the threshold lies when other people are drawn. */
  readonly thresholdInterval: Interval
  /** What it gives on these pairs, and with other people drawn. */
  readonly reachedFar: number
  readonly reachedFarInterval: Interval
  readonly tar: number
  readonly tarInterval: Interval
  readonly impostors: number
  readonly identities: number
  /** FAR x impostor pairs. */
  readonly expectedFalseMatches: number
  /**
   * `good` from 10 expected false matches, `weak` from 3, else `none`: by the rule of three even a
   * threshold that no impostor pair passed is not shown to have the FAR wanted.
   */
  readonly support: 'good' | 'weak' | 'none'
  /** The smallest FAR that so many impostor pairs support well, 10 / impostors; null where ten or fewer support none. */
  readonly smallestFar: number | null
  /** What to tell the user where support is not good. */
  readonly warning: string | undefined
}

/**
 * The threshold for a wanted FAR with intervals by bootstrap over identities, and whether there are
 * impostor pairs enough to claim that FAR.
 * @throws EvaluateError EVALUATE_OPTION, EVALUATE_PAIRS, EVALUATE_IDENTITY, EVALUATE_EMBEDDING
 */
export function thresholdForFar(
  sample: PairSample,
  far: number,
  options: BootstrapOptions = {},
): ThresholdResult {
  const scores = scoresOf(sample.similarities, sample.same)
  const { threshold, reachedFar, tar } = tarAtFar(scores, far)
  const pairs = new WeightedPairs(sample)
  const [thresholdInterval, tarInterval, reachedFarInterval] = bootstrap(
    sample.identities,
    (draws) => {
      pairs.draw(draws)
      const [point] = pairs.atFars([far])
      return [point!.threshold, point!.tar, pairs.farAt(threshold)]
    },
    options,
  )
  const { impostors } = scores
  const expectedFalseMatches = far * impostors
  const support =
    expectedFalseMatches >= ENOUGH
      ? 'good'
      : expectedFalseMatches >= RULE_OF_THREE
        ? 'weak'
        : 'none'
  const smallestFar = impostors > ENOUGH ? ENOUGH / impostors : null
  return {
    far,
    threshold,
    thresholdInterval: thresholdInterval!,
    reachedFar,
    reachedFarInterval: reachedFarInterval!,
    tar,
    tarInterval: tarInterval!,
    impostors,
    identities: sample.identities,
    expectedFalseMatches,
    support,
    smallestFar,
    warning: support === 'good' ? undefined : warning(support, far, impostors, smallestFar),
  }
}

function warning(
  support: 'weak' | 'none',
  far: number,
  impostors: number,
  smallestFar: number | null,
): string {
  const expected = `${impostors} impostor pairs let expect ${short(far * impostors)} false matches at FAR ${far}`
  const most = RULE_OF_THREE / impostors
  const shown =
    most < 1
      ? `even none of them accepted would only show a FAR below ${short(most)} (rule of three, 95 %), so they cannot support this claim`
      : 'so few show nothing'
  const claim = support === 'none' ? shown : 'so few leave the FAR uncertain by half or more'
  const smallest =
    smallestFar === null
      ? 'They support no FAR'
      : `The smallest FAR that they support is about ${short(smallestFar)}`
  return (
    `${expected}; ${claim}. ${smallest}; ` +
    `FAR ${far} takes ${Math.ceil(ENOUGH / far)} impostor pairs or more, of many people.`
  )
}

const short = (value: number) => Number(value.toPrecision(2)).toString()
