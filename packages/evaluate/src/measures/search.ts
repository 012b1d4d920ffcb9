import type { Interval } from '../bootstrap/bootstrap.js'
import type { PairIntervals } from '../bootstrap/intervals.js'
import { cmc, mateRanks } from '../identification/figures.js'
import { cmcIntervals, openSetIntervals } from '../identification/intervals.js'
import {
  insightfaceTpir,
  type OpenSetPoint,
  openSetSearches,
  tpirAtFpir,
} from '../identification/open-set.js'
import { searchScores, tailForFar } from '../identification/pairs.js'
import { type SearchInput, type SearchResult, search } from '../identification/search.js'
import { farGrid } from '../roc/figures.js'
import { type OperatingPoint, tarAtFar } from '../roc/roc.js'
import type { ScoreArray } from '../roc/scores.js'

/** Pairs with their cosines; `same` is 1 for those of one person. */
interface Scored {
  readonly similarities: ScoreArray
  readonly same: Uint8Array
}

/** Figures of a 1:N protocol. */
export interface IdentificationResult {
  readonly protocol: 'identification' | 'megaface'
  /** What is counted: probes with a mate, or couples of MegaFace. */
  readonly mated: number
  readonly probes: number
  /** Rows of the gallery, distractors among them. */
  readonly gallery: number
  readonly distractors: number
  /** Share found at rank 1, 2, ... */
  readonly cmc: Float64Array
  readonly cmcIntervals?: readonly Interval[]
  /** Ranks to be told of; the curve shows all. */
  readonly ranks: readonly number[]
  /** TPIR at FPIR; of an open set also its searches (`openSetSearches`), of which curves are drawn. */
  readonly openSet?: {
    readonly searches?: Scored
    readonly points: readonly OpenSetPoint[]
    readonly intervals?: PairIntervals
  }
  /** All comparisons as a verification. */
  readonly verification?: readonly OperatingPoint[]
  /** Best mate and best other of each probe (`bestPairs`). */
  readonly best?: Scored
}

export interface SearchMeasures {
  readonly ranks: readonly number[]
  readonly fpir: readonly number[]
  /** FARs of all comparisons as a verification; none if left out. */
  readonly far?: readonly number[] | undefined
  /** Reads TPIR of a set in which all probes have a mate as InsightFace does, rather than not at all. */
  readonly closedTpir?: boolean | undefined
}

/** Figures, and the search that they are of. */
export interface MeasuredSearch {
  readonly result: IdentificationResult
  readonly search: SearchResult
}

/** Searches a gallery, and gives every figure with its interval. @throws as `search`, `tpirAtFpir`, `tarAtFar` */
export async function measureSearch(
  input: SearchInput,
  { ranks, fpir: fpirs, far: fars = [], closedTpir = false }: SearchMeasures,
): Promise<MeasuredSearch> {
  const { probeOf, galleryOf } = input
  const tails = [
    ...fars.map((far) => tailForFar(far, probeOf.length * galleryOf.length)),
    ...(closedTpir ? fpirs.map((fpir) => Math.ceil(probeOf.length * fpir)) : []),
  ]
  const found = await search({
    ...input,
    keep: Math.max(...ranks),
    tail: Math.max(0, ...tails),
  })
  const mated = mateRanks(found).filter((rank) => rank > 0).length
  const open = mated > 0 && mated < found.probes
  const scores = searchScores(found)
  const openSet = open
    ? {
        searches: openSetSearches(found),
        points: fpirs.map((fpir) => tpirAtFpir(found, fpir)),
        intervals: openSetIntervals(found, probeOf, {
          fars: [...fpirs, ...farGrid(found.probes - mated)],
        }),
      }
    : closedTpir && { points: fpirs.map((fpir) => insightfaceTpir(found, fpir)) }
  return {
    search: found,
    result: {
      protocol: 'identification',
      probes: found.probes,
      gallery: found.gallery,
      distractors: galleryOf.reduce((sum, person) => sum + Number(person < 0), 0),
      mated,
      ranks,
      cmc: cmc(found),
      cmcIntervals: cmcIntervals(found, probeOf),
      ...(openSet && { openSet }),
      ...(fars.length > 0 && { verification: fars.map((far) => tarAtFar(scores, far)) }),
    },
  }
}
