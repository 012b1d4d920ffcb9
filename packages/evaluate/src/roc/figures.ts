import { areaUnderRoc, type OperatingPoint, tarAtFar } from './roc.js'
import { type ScoreArray, scoresOf } from './scores.js'

/** Figures of pairs that were scored, folds or not. */
export interface PairFigures {
  readonly pairs: number
  /** Pairs of one person. */
  readonly genuine: number
  /** Cosine of each pair, in the order given. */
  readonly similarities: ScoreArray
  /** The labels given. */
  readonly same: Uint8Array
  /** Area under the ROC curve over all pairs. */
  readonly auc: number
  /** Strict, in the order of the FARs: see `tarAtFar`. */
  readonly points: readonly OperatingPoint[]
  /** TAR by FAR, strict. */
  readonly tarAtFar: Readonly<Record<string, number>>
  /**
   * Cosine by FAR: accept strictly above it. A FAR below 1 / impostor pairs is left out: so few
   * pairs say nothing about it.
   */
  readonly thresholdAtFar: Readonly<Record<string, number>>
  /** By FAR, as InsightFace reads IJB, for comparison with its tables: at the FAR that is nearest. */
  readonly nearestTarAtFar: Readonly<Record<string, OperatingPoint>>
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
  const points = fars.map((far) => tarAtFar(scores, far))
  return {
    pairs: same.length,
    genuine: scores.genuine.length,
    similarities,
    same,
    auc: areaUnderRoc(scores),
    points,
    tarAtFar: Object.fromEntries(points.map(({ far, tar }) => [far, tar])),
    thresholdAtFar: Object.fromEntries(
      points
        .filter(({ far }) => 1 / scores.impostors <= far)
        .map(({ far, threshold }) => [far, threshold]),
    ),
    nearestTarAtFar: Object.fromEntries(fars.map((far) => [far, tarAtFar(scores, far, 'nearest')])),
  }
}

/** FARs at which a curve's interval is worth having: ten a decade, from one impostor of so many on. */
export function farGrid(impostors: number): number[] {
  const decades = Math.log10(impostors)
  return Array.from({ length: Math.ceil(10 * decades) }, (_, i) => 10 ** (i / 10 - decades))
}
