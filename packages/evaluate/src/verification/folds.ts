import { EvaluateError } from '../errors.js'

/** Number of thresholds on the squared distance: 0, 0.01 ... 3.99 (numpy.arange(0, 4, 0.01)). */
export const THRESHOLDS = 400

/** Accuracy by cross-validation, and the one threshold that fits all pairs best. */
export interface FoldedAccuracy {
  /** Mean over the folds. */
  readonly accuracy: number
  /** Population standard deviation over the folds. */
  readonly std: number
  /** Each fold's accuracy at the threshold found on the others, in file order. */
  readonly foldAccuracies: readonly number[]
  /**
   * The cosine above which most pairs are decided rightly, over all pairs (1 - d/2 for the first
   * best squared distance d of the grid): the one to put into use. No fold was measured with it.
   */
  readonly threshold: number
}

/**
 * LFW's cross-validation as InsightFace runs it (recognition/arcface_torch/eval/verification.py,
 * calculate_roc): unshuffled folds, a pair is "same" where distance < threshold, each fold's
 * threshold is the first maximum of the accuracy on the other folds.
 *
 * @param distances squared L2, P of them
 * @param same 1 or 0, P of them
 * @throws EvaluateError EVALUATE_FOLDS
 */
export function foldedAccuracy(
  distances: Float64Array,
  same: Uint8Array,
  folds: number,
): FoldedAccuracy {
  const starts = foldStarts(same, folds)
  const correct = Array.from({ length: folds }, (_, f) =>
    countCorrect(distances, same, starts[f]!, starts[f + 1]!),
  )
  const total = correct.reduce((sum, counts) => sum.map((value, t) => value + counts[t]!))
  const foldAccuracies = correct.map((counts, f) => {
    const best = firstMaximum(total.map((value, t) => value - counts[t]!))
    return counts[best]! / (starts[f + 1]! - starts[f]!)
  })
  const accuracy = mean(foldAccuracies)
  const std = Math.sqrt(mean(foldAccuracies.map((x) => (x - accuracy) ** 2)))
  // 1 - t * 0.01 / 2, without its rounding errors.
  return { accuracy, std, foldAccuracies, threshold: (200 - firstMaximum(total)) / 200 }
}

/**
 * Where each fold begins, and the end; the first P % folds folds hold one more (as sklearn's KFold).
 * @throws EvaluateError EVALUATE_FOLDS
 */
export function foldStarts(same: Uint8Array, folds: number): number[] {
  if (!Number.isInteger(folds) || folds < 2 || folds > same.length) {
    throw new EvaluateError(
      'EVALUATE_FOLDS',
      `${same.length} pairs in ${folds} folds cannot be cross-validated; give at least 2 folds (first line of a pairs file: folds, pairs per class and fold); a threshold for a wanted FAR needs no folds`,
    )
  }
  const size = Math.floor(same.length / folds)
  const larger = same.length % folds
  const starts = Array.from({ length: folds + 1 }, (_, f) => f * size + Math.min(f, larger))
  for (let f = 0; f < folds; f++) {
    const fold = same.subarray(starts[f], starts[f + 1])
    for (const [label, kind] of [
      [1, 'genuine (same person)'],
      [0, 'impostor (two people)'],
    ] as const) {
      if (!same.includes(label))
        throw new EvaluateError(
          'EVALUATE_FOLDS',
          `the list holds no ${kind} pair at all, so nothing tells how many are wrong`,
          { hint: 'Make a list of both kinds with `writeOwnPairs`.' },
        )
      if (!fold.includes(label)) {
        throw new EvaluateError(
          'EVALUATE_FOLDS',
          `fold ${f + 1} of ${folds} holds no ${kind} pair among pairs ${starts[f]! + 1} to ${starts[f + 1]!}; every fold needs both, in file order`,
          {
            hint: 'Shuffle the lines of the list (shuf list.txt > shuffled.txt), or better, make folds that share no person with `writeOwnPairs`.',
          },
        )
      }
    }
  }
  return starts
}

function countCorrect(
  distances: Float64Array,
  same: Uint8Array,
  start: number,
  end: number,
): Int32Array {
  return Int32Array.from({ length: THRESHOLDS }, (_, t) => {
    const threshold = t * 0.01
    let count = 0
    for (let p = start; p < end; p++) {
      if (distances[p]! < threshold === (same[p] === 1)) count++
    }
    return count
  })
}

function firstMaximum(values: Int32Array): number {
  return values.indexOf(values.reduce((most, value) => Math.max(most, value)))
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** First threshold of the grid at which each pair counts as the same person; THRESHOLDS where none. */
export function pairBins(similarities: Float32Array | Float64Array): Int32Array {
  return Int32Array.from(similarities, (similarity) => {
    const distance = 2 - 2 * similarity
    let bin = Math.max(0, Math.floor(distance / 0.01))
    while (bin > 0 && distance < (bin - 1) * 0.01) bin--
    while (bin < THRESHOLDS && !(distance < bin * 0.01)) bin++
    return bin
  })
}
