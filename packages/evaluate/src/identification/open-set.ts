import { EvaluateError } from '../errors.js'
import { type OperatingPoint, tarAtFar } from '../roc/roc.js'
import { checkRate, countAbove, scoresOf } from '../roc/scores.js'
import { bestMates, mateRanks } from './figures.js'
import type { SearchResult } from './search.js'

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
  const { similarities, same } = openSetSearches(result, rank)
  return openSet(tarAtFar(scoresOf(similarities, same), fpir))
}

/**
 * The searches of an open set as scored pairs: of a probe with a mate (`same` 1) the mate's score, or -Infinity where it
 * stands behind rank `rank`; of one without (0) the best candidate's. Their ROC is TPIR against FPIR.
 * @throws EvaluateError EVALUATE_IDENTITY where all probes have a mate or none has
 */
export function openSetSearches(
  result: SearchResult,
  rank = 1,
): { similarities: Float32Array; same: Uint8Array } {
  const ranks = mateRanks(result)
  const same = Uint8Array.from(ranks, (place) => Number(place > 0))
  const mated = same.reduce((sum, one) => sum + one, 0)
  if (mated === 0 || mated === ranks.length) {
    throw new EvaluateError(
      'EVALUATE_IDENTITY',
      `${mated} of ${ranks.length} probes have a mate in the gallery; an open set takes some with and some without`,
    )
  }
  const similarities = bestMates(result).map((score, p) => {
    if (same[p] === 0) return result.otherScores[p * result.keep]!
    return ranks[p]! <= rank ? score : -Infinity
  })
  return { similarities, same }
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
