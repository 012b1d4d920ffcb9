import { EvaluateError } from '../errors.js'
import type { SearchResult } from './search.js'

/**
 * Rank of the best mate of each probe among the rows of others: 1 + how many of them score as high or
 * higher. A tie counts against the mate, so that a model which finds all people alike finds nobody.
 * 0 where the probe has no mate in the gallery, keep + 1 where it stands behind all that were kept.
 */
export function mateRanks(result: SearchResult): Int32Array {
  const best = bestMates(result)
  return Int32Array.from(best, (score, probe) =>
    Number.isNaN(score) ? 0 : 1 + countAtLeast(result, probe, score),
  )
}

/**
 * Cumulative match characteristic, closed set: the share of probes whose mate is of rank k or better,
 * for k = 1 .. keep (entry k - 1). Probes without a mate do not count.
 * @throws EvaluateError EVALUATE_IDENTITY where no probe has a mate
 */
export function cmc(result: SearchResult): Float64Array {
  return ratesOfRanks(
    mateRanks(result).filter((rank) => rank > 0),
    result.keep,
  )
}

/** MegaFace identification: every couple of a probe and a mate by itself among the distractors. */
export interface Couples {
  /** Probe of each couple, and the cosine with its mate. */
  readonly probe: Int32Array
  readonly scores: Float32Array
}

/** Of each couple the rank that the mate would have if it alone were added to the gallery of the search. */
export const ranksOfCouples = (result: SearchResult, { probe, scores }: Couples): Int32Array =>
  Int32Array.from(scores, (score, c) => 1 + countAtLeast(result, probe[c]!, score))

/**
 * The share of ranks of k or better, for k = 1 .. keep (entry k - 1).
 * @throws EvaluateError EVALUATE_IDENTITY where there are none
 */
export function ratesOfRanks(ranks: Int32Array, keep: number): Float64Array {
  if (ranks.length === 0) {
    const message = 'no probe has a mate in the gallery; check the labels of both'
    throw new EvaluateError('EVALUATE_IDENTITY', message)
  }
  const counts = new Float64Array(keep)
  for (const rank of ranks) if (rank <= keep) counts[rank - 1]!++
  for (let k = 1; k < keep; k++) counts[k]! += counts[k - 1]!
  return counts.map((count) => count / ranks.length)
}

/** Score of each probe's best mate; NaN without one. */
export function bestMates({ probes, mates }: SearchResult): Float32Array {
  return Float32Array.from({ length: probes }, (_, p) => {
    const scores = mates.scores.subarray(mates.offsets[p], mates.offsets[p + 1])
    return scores.length === 0 ? Number.NaN : scores.reduce((most, s) => Math.max(most, s))
  })
}

/** How many of the others kept for a probe score as high, or higher. */
function countAtLeast({ otherScores, keep }: SearchResult, probe: number, score: number): number {
  let count = 0
  while (count < keep && otherScores[probe * keep + count]! >= score) count++
  return count
}
