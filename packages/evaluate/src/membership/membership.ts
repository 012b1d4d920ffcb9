import { type BootstrapOptions, whereEnoughPeople } from '../bootstrap/bootstrap.js'
import { pairIntervals } from '../bootstrap/intervals.js'
import { pairFigures } from '../roc/figures.js'
import type { DrawnRate } from '../scored/rates.js'
import { countPeople, numberNames } from '../verification/identities.js'

/** False positive rates at which an attack is read: few are accused wrongly (Carlini et al. 2022, arXiv 2112.03570). */
export const MEMBERSHIP_FPRS: readonly number[] = [1e-2, 1e-3]

/** Photographs of one kind, each with a score that is high where a model recognises it surely. */
export interface ScoredPhotos {
  readonly scores: Float64Array
  /** Person of each photograph: any text, the same in both kinds for the same person. */
  readonly people: readonly string[]
}

/** How well a score tells photographs that a network was trained on from others. */
export interface MembershipFigures {
  /** Area under the ROC curve: how often a trained photograph scores above another; 0.5 is chance. */
  readonly auc: DrawnRate
  /** True positive rate at each false positive rate: strict, the largest that is not exceeded. */
  readonly tpr: readonly (DrawnRate & {
    readonly fpr: number
    /** Reached; 0 where the others are too few for this rate. */
    readonly reached: number
  })[]
  readonly trained: PhotosFigures
  readonly others: PhotosFigures
  /** All scores with 1 for a trained photograph: what a chart is drawn of. */
  readonly scored: { readonly similarities: Float64Array; readonly same: Uint8Array }
}

export interface PhotosFigures {
  readonly photographs: number
  readonly people: number
  /** Of the scores. */
  readonly mean: number
}

/**
 * What tells a trained photograph: the mean cosine with other photographs of its person, that with the centre of a class, or
 * the log odds of the softmax.
 */
export type MembershipSignal = 'genuine' | 'centre' | 'certainty'

/**
 * What is told apart: members' trained photographs from their others, from strangers', or members' other photographs from
 * strangers'.
 */
export type MembershipQuestion = 'photographs' | 'people' | 'people-new'

export interface MembershipRow {
  readonly question: MembershipQuestion
  readonly signal: MembershipSignal
  /** Scored by another network, which was trained on none of them: what that tells apart is not membership. */
  readonly control: boolean
  readonly figures: MembershipFigures
}

/**
 * Measures the attack that takes each photograph above a threshold for a trained one.
 * @throws EvaluateError EVALUATE_PAIRS where a kind is missing, EVALUATE_EMBEDDING for a score that is no number,
 *   EVALUATE_OPTION
 */
export function membership(
  trained: ScoredPhotos,
  others: ScoredPhotos,
  options: BootstrapOptions = {},
): MembershipFigures {
  const similarities = Float64Array.from([...trained.scores, ...others.scores])
  const same = new Uint8Array(similarities.length).fill(1, 0, trained.scores.length)
  const { auc, points } = pairFigures(similarities, same, MEMBERSHIP_FPRS)
  const first = numberNames([...trained.people, ...others.people])
  // A photograph counts as often as its person is drawn, whichever kind it is of.
  const second = new Int32Array(first.length).fill(-1)
  const sample = { similarities, same, first, second, identities: countPeople(first) }
  const intervals = whereEnoughPeople(() =>
    pairIntervals(sample, { fars: MEMBERSHIP_FPRS, ...options }),
  )
  return {
    auc: { value: auc, interval: intervals?.auc ?? null },
    tpr: points.map(({ far, tar, reachedFar }, i) => ({
      fpr: far,
      reached: reachedFar,
      value: tar,
      interval: intervals?.atFar[i]?.tar ?? null,
    })),
    trained: figuresOf(trained),
    others: figuresOf(others),
    scored: { similarities, same },
  }
}

const figuresOf = ({ scores, people }: ScoredPhotos): PhotosFigures => ({
  photographs: scores.length,
  people: new Set(people).size,
  mean: scores.reduce((sum, score) => sum + score, 0) / scores.length,
})
