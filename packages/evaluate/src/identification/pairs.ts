import type { Scores } from '../roc/scores.js'
import type { SearchResult } from './search.js'

/** How large the `tail` of a search must be for a strict TAR at a FAR of so many comparisons. */
export const tailForFar = (far: number, comparisons: number): number =>
  Math.floor(far * comparisons) + 2

/**
 * Every comparison of a search as a 1:1 verification, as the Trillion-Pairs challenge has it (TAR at FAR 1e-9): genuine
 * are the scores of probes with their mates, impostor all others, of which the largest are kept.
 *
 * @param result of a search with the `tail` that `tailForFar` names
 */
export function searchScores({ mates, tail, others }: SearchResult): Scores {
  return { genuine: mates.scores.slice().sort().reverse(), impostor: tail, impostors: others }
}

/** What a search found for each probe, as scored pairs of a probe and a row of the gallery. */
export interface SearchPairs {
  readonly similarities: Float32Array
  /** 1 for a probe with its best mate, 0 for one with the best row of somebody else. */
  readonly same: Uint8Array
  readonly probe: Int32Array
  readonly row: Int32Array
}

/** Best mate (where there is one) and best other of each probe, probe by probe. */
export function bestPairs(result: SearchResult): SearchPairs {
  const { probes, mates, keep, otherScores, otherRows } = result
  const found: [score: number, same: number, probe: number, row: number][] = []
  for (let probe = 0; probe < probes; probe++) {
    let best = -1
    for (let i = mates.offsets[probe]!; i < mates.offsets[probe + 1]!; i++)
      if (best < 0 || mates.scores[i]! > mates.scores[best]!) best = i
    if (best >= 0) found.push([mates.scores[best]!, 1, probe, mates.rows[best]!])
    const first = probe * keep
    if (otherRows[first]! >= 0) found.push([otherScores[first]!, 0, probe, otherRows[first]!])
  }
  return {
    similarities: Float32Array.from(found, ([score]) => score),
    same: Uint8Array.from(found, ([, same]) => same),
    probe: Int32Array.from(found, ([, , probe]) => probe),
    row: Int32Array.from(found, ([, , , row]) => row),
  }
}
