import type { ScoreArray } from '../roc/scores.js'
import { foldedAccuracy, mean } from '../verification/folds.js'
import type { GroupColumn, GroupFigures } from './schema.js'

/**
 * Accuracy over folds of a group's own pairs, each at the threshold found on the others: see `foldedAccuracy`.
 * @param similarities cosine of each pair
 * @param same 1 or 0
 * @throws EvaluateError EVALUATE_FOLDS
 */
export function groupAccuracy(
  similarities: ScoreArray,
  same: Uint8Array,
  folds: number,
): NonNullable<GroupFigures['accuracy']> {
  const distances = Float64Array.from(similarities, (similarity) => 2 - 2 * similarity)
  const { accuracy, std } = foldedAccuracy(distances, same, folds)
  return { value: accuracy, std, folds }
}

/**
 * How accuracies of groups differ, as RFW's tables tell it (Wang and Deng 2020): the standard deviation over n - 1, and the
 * skewed error ratio, the largest share of wrong decisions by the smallest.
 */
export function accuracySpread(values: readonly number[]): NonNullable<GroupColumn['accuracy']> {
  const middle = mean(values)
  const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0)
  const least = 1 - Math.max(...values)
  return {
    mean: middle,
    std: Math.sqrt(squares / (values.length - 1)),
    skewedErrorRatio: least === 0 ? null : (1 - Math.min(...values)) / least,
  }
}
