import { rateName } from '@arcface/vision'
import type { PairIntervals } from '../bootstrap/intervals.js'
import type { PairFigures } from '../roc/figures.js'
import type { VerificationResult } from '../verification/verification.js'

type Shared = 'pairs' | 'same' | 'auc' | 'tarAtFar' | 'thresholdAtFar'
type OfFolds = 'accuracy' | 'std' | 'foldAccuracies' | 'threshold' | 'foldedTarAtFar'

/** What a report shows of scored pairs: a `VerificationResult`, or without folds a `PairFigures`. */
export interface ScoredPairs
  extends Pick<VerificationResult, Shared>,
    Partial<Pick<VerificationResult, OfFolds>>,
    Partial<Pick<PairFigures, 'nearestTarAtFar'>> {
  readonly similarities: PairFigures['similarities']
}

/** A result and what the report calls it, for example `with flip`. */
export interface NamedResult {
  readonly name: string
  readonly result: ScoredPairs
  /** Of accuracy, AUC, and TAR at the FARs of the table and of the curves: see `farGrid`. */
  readonly intervals?: PairIntervals
}

/** A figure by its name, a fraction or a cosine, with its interval where there is one. */
export interface Figure {
  readonly figure: string
  readonly value: number
  readonly low?: number
  readonly high?: number
}

/** Every figure of a result, as the table of the report names them. */
export function figuresOf({ result, intervals }: NamedResult): Figure[] {
  const { accuracy, std, threshold, auc, tarAtFar, thresholdAtFar } = result
  const { foldedTarAtFar = {}, nearestTarAtFar = {} } = result
  const at = (far: string) => intervals?.atFar.find((point) => point.far === Number(far))
  return [
    ...(accuracy === undefined
      ? []
      : [{ figure: 'accuracy', value: accuracy, ...intervals?.accuracy }]),
    ...(std === undefined ? [] : [{ figure: 'standard deviation of folds', value: std }]),
    { figure: 'area under the ROC curve', value: auc, ...intervals?.auc },
    ...Object.entries(tarAtFar).map(([far, value]) => ({
      figure: `TAR at FAR ${rateName(far)}`,
      value,
      ...at(far)?.tar,
    })),
    ...Object.entries(thresholdAtFar).map(([far, value]) => ({
      figure: `cosine threshold at FAR ${rateName(far)}`,
      value,
      ...at(far)?.threshold,
    })),
    ...Object.entries({ ...foldedTarAtFar, ...nearestTarAtFar }).map(([far, { tar }]) => ({
      figure: `TAR at FAR ${rateName(far)}, as InsightFace reads it`,
      value: tar,
    })),
    ...(threshold === undefined
      ? []
      : [{ figure: 'best cosine threshold, all pairs', value: threshold }]),
  ]
}
