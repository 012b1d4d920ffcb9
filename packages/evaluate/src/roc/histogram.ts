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
  const counts = [new Array<number>(BINS).fill(0), new Array<number>(BINS).fill(0)] as const
  const totals = [0, 0]
  for (let p = 0; p < same.length; p++) {
    const label = same[p] === 1 ? 1 : 0
    totals[label]!++
    const bin = Math.floor(((similarities[p]! - from) / (1 - from)) * BINS)
    counts[label][Math.max(0, Math.min(BINS - 1, bin))]!++
  }
  const [impostor, genuine] = counts.map((of, label) =>
    of.map((n) => n / Math.max(1, totals[label]!)),
  )
  return { from, to: 1, genuine: genuine!, impostor: impostor! }
}
