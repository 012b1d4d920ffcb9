import type { ScoreArray } from './scores.js'

const BINS = 60

/** Shares of the pairs of each kind in bins of equal width from `from` to `to`. */
export interface Histogram {
  readonly from: number
  readonly to: number
  readonly genuine: readonly number[]
  readonly impostor: readonly number[]
}

/** Where the bins begin is a round cosine at or below the lowest, and 0.8 at most. */
export function scoreBins({
  similarities,
  same,
}: {
  readonly similarities: ScoreArray
  readonly same: Uint8Array
}): Histogram {
  // A range of some width, where all are equal too; a mark stands at 0 and at both ends.
  let lowest = 0.8
  for (const value of similarities) lowest = Math.min(lowest, value)
  const from = Math.max(-1, Math.floor(lowest * 5) / 5)
  const between = { from, to: 1, bins: BINS }
  return {
    from,
    to: 1,
    genuine: sharesInBins(
      similarities.filter((_, p) => same[p] === 1),
      between,
    ),
    impostor: sharesInBins(
      similarities.filter((_, p) => same[p] !== 1),
      between,
    ),
  }
}

/** Shares of scores in bins of equal width; what lies outside is in the outermost. Of no scores all are 0. */
export function sharesInBins(
  scores: ArrayLike<number>,
  { from, to, bins }: { readonly from: number; readonly to: number; readonly bins: number },
): number[] {
  const counts = new Array<number>(bins).fill(0)
  for (let i = 0; i < scores.length; i++) {
    const bin = Math.floor(((scores[i]! - from) / (to - from)) * bins)
    counts[Math.max(0, Math.min(bins - 1, bin))]!++
  }
  return counts.map((n) => n / Math.max(1, scores.length))
}
