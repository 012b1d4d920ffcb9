import { pairDistances, type VerificationInput } from './distances.js'
import { type FoldedAccuracy, foldedAccuracy } from './folds.js'
import { areaUnderRoc, tarAtFar } from './roc.js'

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
  const impostors = same.reduce((count, label) => count + (label === 1 ? 0 : 1), 0)
  const points = FARS.map((far) => tarAtFar(similarities, same, far))
  const name = ({ far }: { far: number }) => far.toExponential()
  return {
    ...folded,
    auc: areaUnderRoc(similarities, same),
    tarAtFar: Object.fromEntries(points.map((point) => [name(point), point.tar])),
    thresholdAtFar: Object.fromEntries(
      points
        .filter(({ far }) => 1 / impostors <= far)
        .map((point) => [name(point), point.threshold]),
    ),
    pairs: same.length,
    similarities,
    same,
  }
}
