import { areaUnderRoc, tarAtFar } from './roc.js'
import { type ScoreArray, scoresOf } from './scores.js'

/** Figures of pairs that were scored, folds or not. */
export interface PairFigures {
  readonly pairs: number
  /** Cosine of each pair, in the order given. */
  readonly similarities: ScoreArray
  /** The labels given. */
  readonly same: Uint8Array
  /** Area under the ROC curve over all pairs. */
  readonly auc: number
  /** TAR by FAR, strict: see `tarAtFar`. */
  readonly tarAtFar: Readonly<Record<string, number>>
  /**
   * Cosine by FAR: accept strictly above it. A FAR below 1 / impostor pairs is left out: so few
   * pairs say nothing about it.
   */
  readonly thresholdAtFar: Readonly<Record<string, number>>
  /** As InsightFace reads IJB, for comparison with its tables: TAR at the FAR that is nearest. */
  readonly nearestTarAtFar: Readonly<Record<string, { readonly tar: number; readonly far: number }>>
}

/**
 * AUC, and TAR and threshold at each FAR, over all pairs.
 * @param fars called in the result as `String` calls them
 * @throws EvaluateError EVALUATE_PAIRS, EVALUATE_EMBEDDING, EVALUATE_OPTION
 */
export function pairFigures(
  similarities: ScoreArray,
  same: Uint8Array,
  fars: readonly number[],
): PairFigures {
  const scores = scoresOf(similarities, same)
  const strict = fars.map((far) => tarAtFar(scores, far))
  return {
    pairs: same.length,
    similarities,
    same,
    auc: areaUnderRoc(scores),
    tarAtFar: Object.fromEntries(strict.map(({ far, tar }) => [far, tar])),
    thresholdAtFar: Object.fromEntries(
      strict
        .filter(({ far }) => 1 / scores.impostors <= far)
        .map(({ far, threshold }) => [far, threshold]),
    ),
    nearestTarAtFar: Object.fromEntries(
      fars.map((far) => {
        const { tar, reachedFar } = tarAtFar(scores, far, 'nearest')
        return [far, { tar, far: reachedFar }]
      }),
    ),
  }
}
