import { areaUnderRoc, tarAtFar } from '../roc/roc.js'
import { scoresOf } from '../roc/scores.js'
import { pairDistances, type VerificationInput } from './distances.js'
import { type FoldedAccuracy, foldedAccuracy } from './folds.js'
import { type FoldedTar, foldedTarAtFar } from './tar.js'

/** FARs at which TAR is reported. */
const FARS = [1e-1, 1e-2, 1e-3]

/** Figures of a verification protocol; all fractions, none in percent. */
export interface VerificationResult extends FoldedAccuracy {
  /** Area under the ROC curve over all pairs. */
  readonly auc: number
  /** TAR by FAR (`1e-1`, `1e-2`, `1e-3`), strict: see `tarAtFar`. */
  readonly tarAtFar: Readonly<Record<string, number>>
  /**
   * Cosine by FAR: accept strictly above it. A FAR below 1 / impostor pairs is left out: so few
   * pairs say nothing about it.
   */
  readonly thresholdAtFar: Readonly<Record<string, number>>
  /** TAR by FAR as InsightFace reads it, for comparison with its tables: see `foldedTarAtFar`. */
  readonly foldedTarAtFar: Readonly<Record<string, FoldedTar>>
  /** Number of pairs. */
  readonly pairs: number
  /** Cosine of each pair, in the order given. */
  readonly similarities: Float64Array
  /** The labels given. */
  readonly same: Uint8Array
}

/**
 * LFW-type verification: accuracy over folds (see `foldedAccuracy`), AUC and TAR at FAR over the
 * pooled pairs.
 * @throws EvaluateError EVALUATE_SHAPE, EVALUATE_PAIRS, EVALUATE_FOLDS, EVALUATE_EMBEDDING
 */
export function verification(input: VerificationInput): VerificationResult {
  const { same, folds } = input
  const distances = pairDistances(input)
  const folded = foldedAccuracy(distances, same, folds)
  const similarities = distances.map((d) => 1 - d / 2)
  const scores = scoresOf(similarities, same)
  const points = FARS.map((far) => tarAtFar(scores, far))
  const name = ({ far }: { far: number }) => far.toExponential()
  return {
    ...folded,
    auc: areaUnderRoc(scores),
    tarAtFar: Object.fromEntries(points.map((point) => [name(point), point.tar])),
    thresholdAtFar: Object.fromEntries(
      points
        .filter(({ far }) => 1 / scores.impostors <= far)
        .map((point) => [name(point), point.threshold]),
    ),
    foldedTarAtFar: Object.fromEntries(
      points.map((point) => [name(point), foldedTarAtFar(distances, same, folds, point.far)]),
    ),
    pairs: same.length,
    similarities,
    same,
  }
}
