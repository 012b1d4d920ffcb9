import { EvaluateError } from '../errors.js'
import { type OperatingPoint, tarAtFar } from '../roc/roc.js'
import { checkRate, countAbove, sortScores } from '../roc/scores.js'
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

/**
 * CMC over couples rather than probes: the share of couples whose mate would be of rank k or better
 * if it alone were added to the gallery of the search.
 * @throws EvaluateError EVALUATE_IDENTITY where there are no couples
 */
export function cmcOfCouples(result: SearchResult, { probe, scores }: Couples): Float64Array {
  const ranks = Int32Array.from(scores, (s, c) => 1 + countAtLeast(result, probe[c]!, s))
  return ratesOfRanks(ranks, result.keep)
}

function ratesOfRanks(ranks: Int32Array, keep: number): Float64Array {
  if (ranks.length === 0) {
    const message = 'no probe has a mate in the gallery; check the labels of both'
    throw new EvaluateError('EVALUATE_IDENTITY', message)
  }
  const counts = new Float64Array(keep)
  for (const rank of ranks) if (rank <= keep) counts[rank - 1]!++
  for (let k = 1; k < keep; k++) counts[k]! += counts[k - 1]!
  return counts.map((count) => count / ranks.length)
}

/** Open-set identification at a false positive identification rate. FNIR = 1 - TPIR. */
export interface OpenSetPoint {
  /** The FPIR asked for. */
  readonly fpir: number
  /** Share of the searches without a mate that name somebody all the same. */
  readonly reachedFpir: number
  /** Share of the searches with a mate that name it. */
  readonly tpir: number
  /** Name the best candidate where its cosine lies strictly above it. */
  readonly threshold: number
}

/**
 * TPIR at an FPIR (ISO/IEC 19795-1; NIST FRVT 1:N): of the probes without a mate in the gallery, the
 * share whose best candidate passes the threshold must not exceed the FPIR (strict, no
 * interpolation); of those with a mate, the share whose mate passes it at rank `rank` or better.
 *
 * @param rank default 1, at most the search's `keep`
 * @throws EvaluateError EVALUATE_OPTION; EVALUATE_IDENTITY where all probes have a mate or none has
 */
export function tpirAtFpir(result: SearchResult, fpir: number, rank = 1): OpenSetPoint {
  checkRate(fpir, 'FPIR')
  if (!Number.isInteger(rank) || rank < 1 || rank > result.keep) {
    throw new EvaluateError(
      'EVALUATE_OPTION',
      `the rank is an integer from 1 to the ${result.keep} candidates kept, not ${rank}`,
    )
  }
  const ranks = mateRanks(result)
  const best = bestMates(result)
  const mated = ranks.filter((place) => place > 0)
  if (mated.length === 0 || mated.length === best.length) {
    throw new EvaluateError(
      'EVALUATE_IDENTITY',
      `${mated.length} of ${best.length} probes have a mate in the gallery; an open set takes some with and some without`,
    )
  }
  const passed = (score: number, p: number) => (ranks[p]! <= rank ? score : -Infinity)
  const found = best.map(passed).filter((_, p) => ranks[p]! > 0)
  const alarms = best
    .map((_, p) => result.otherScores[p * result.keep]!)
    .filter((_, p) => ranks[p] === 0)
  return openSet(tarAtFar(sortScores(found, alarms), fpir))
}

const openSet = ({ far, reachedFar, tar, threshold }: OperatingPoint): OpenSetPoint => ({
  fpir: far,
  reachedFpir: reachedFar,
  tpir: tar,
  threshold,
})

/**
 * TPIR at an FPIR as InsightFace reads it on IJB (recognition/_evaluation_/ijb/ijb_1n.py), where all
 * probes have a mate: the threshold is the ceil(P x FPIR)-th largest score of any probe with any row
 * of another person, and a mate passes it at whatever rank. For comparison with its tables only.
 *
 * @param result of a search with `tail` of at least ceil(P x FPIR)
 * @throws EvaluateError EVALUATE_OPTION, EVALUATE_IDENTITY
 */
export function insightfaceTpir(result: SearchResult, fpir: number): OpenSetPoint {
  checkRate(fpir, 'FPIR')
  const place = Math.ceil(result.probes * fpir)
  if (place > result.tail.length) {
    throw new EvaluateError(
      'EVALUATE_OPTION',
      `FPIR ${fpir} of ${result.probes} probes takes the ${place} largest scores of others, but ${result.tail.length} were kept; search with a tail of ${place}`,
    )
  }
  const best = bestMates(result)
  if (best.some(Number.isNaN)) {
    const message = 'a probe has no mate in the gallery; this reading is for closed sets'
    throw new EvaluateError('EVALUATE_IDENTITY', message)
  }
  const threshold = result.tail[place - 1]!
  const tpir = best.reduce((sum, score) => sum + Number(score > threshold), 0) / best.length
  const reachedFpir = countAbove(result.tail, threshold) / result.probes
  return { fpir, reachedFpir, tpir, threshold }
}

/** Score of each probe's best mate; NaN without one. */
function bestMates({ probes, mates }: SearchResult): Float32Array {
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
