import { checkRate } from '../roc/scores.js'
import { foldStarts, mean } from './folds.js'

/** Number of thresholds on the squared distance: 0, 0.001 ... 3.999 (numpy.arange(0, 4, 0.001)). */
const THRESHOLDS = 4000

/** TAR at a FAR by cross-validation. */
export interface FoldedTar {
  /** Mean over the folds. */
  readonly tar: number
  /** Population standard deviation over the folds. */
  readonly std: number
  /** FAR that the thresholds gave on the folds that they were not made for, mean; may exceed the target. */
  readonly far: number
}

/**
 * TAR at a FAR as InsightFace reads it on LFW-type sets (recognition/arcface_torch/eval/
 * verification.py, calculate_val): on the other nine folds the FAR is taken at 4000 thresholds, and
 * the threshold interpolated linearly between the last that does not exceed the target and the
 * next, as interp1d(kind='slinear') did (today's SciPy refuses FARs that occur twice); TAR and FAR are
 * those of the fold at that threshold.
 *
 * @param distances squared L2, P of them
 * @param same 1 or 0, P of them
 * @throws EvaluateError EVALUATE_FOLDS, EVALUATE_OPTION
 */
export function foldedTarAtFar(
  distances: Float64Array,
  same: Uint8Array,
  folds: number,
  far: number,
): FoldedTar {
  checkRate(far, 'FAR')
  const starts = foldStarts(same, folds)
  const share = (label: 0 | 1, start: number, end: number, threshold: number) => {
    let [count, below] = [0, 0]
    for (let p = start; p < end; p++) {
      if (same[p] !== label) continue
      count++
      if (distances[p]! < threshold) below++
    }
    return below / count
  }
  const points = Array.from({ length: folds }, (_, fold) => {
    const [start, end] = [starts[fold]!, starts[fold + 1]!]
    const impostors = distances.filter((_, p) => same[p] !== 1 && (p < start || p >= end)).sort()
    const threshold = interpolatedThreshold(impostors, far)
    return { tar: share(1, start, end, threshold), far: share(0, start, end, threshold) }
  })
  const tar = mean(points.map((point) => point.tar))
  const std = Math.sqrt(mean(points.map((point) => (point.tar - tar) ** 2)))
  return { tar, std, far: mean(points.map((point) => point.far)) }
}

/** @param impostors squared distances, ascending */
function interpolatedThreshold(impostors: Float64Array, far: number): number {
  let below = 0
  const rate = (threshold: number) => {
    while (below < impostors.length && impostors[below]! < threshold) below++
    return below / impostors.length
  }
  let [last, lastRate] = [0, 0]
  for (let t = 0; t < THRESHOLDS; t++) {
    const threshold = t * 0.001
    const next = rate(threshold)
    if (next > far) return last + ((far - lastRate) / (next - lastRate)) * (threshold - last)
    last = threshold
    lastRate = next
  }
  // All thresholds stay below the target; at it exactly, the last one meets it.
  return lastRate === far ? last : 0
}
