import type { ScoreArray } from '../roc/scores.js'

/** A pair decided wrongly, or nearly so. */
export interface WorstPair {
  /** Its place in the list of pairs, from 0. */
  readonly pair: number
  readonly cosine: number
}

/**
 * The impostor pairs of highest and the genuine pairs of lowest cosine, worst first: at any threshold the first to
 * be decided wrongly.
 */
export function worstPairs(
  { similarities, same }: { readonly similarities: ScoreArray; readonly same: Uint8Array },
  count = 12,
): { falseMatches: WorstPair[]; misses: WorstPair[] } {
  const of = (label: number, sign: number) => {
    const worst: WorstPair[] = []
    for (let pair = 0; pair < same.length; pair++) {
      const cosine = similarities[pair]!
      const last = worst.at(-1)
      if ((same[pair] === 1 ? 1 : 0) !== label) continue
      if (last && worst.length === count && sign * (cosine - last.cosine) <= 0) continue
      const place = worst.findIndex((one) => sign * (cosine - one.cosine) > 0)
      worst.splice(place < 0 ? worst.length : place, 0, { pair, cosine })
      worst.length = Math.min(worst.length, count)
    }
    return worst
  }
  return { falseMatches: of(0, 1), misses: of(1, -1) }
}
