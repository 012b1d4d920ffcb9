import type { Interval, SearchInput, SearchResult } from '@arcface/evaluate'
import type { IdentificationResult } from '@arcface/evaluate/report'
import { percent, rateName, tooFew } from './evaluate-shared.js'

export interface SearchOptions {
  readonly ranks: readonly number[]
  readonly fpir: readonly number[]
  /** FARs of all comparisons as a verification; none if left out. */
  readonly far?: readonly number[]
  /** Reads TPIR of a set in which all probes have a mate as InsightFace does, rather than not at all. */
  readonly closedTpir?: boolean
}

export interface Searched {
  readonly result: IdentificationResult
  readonly search: SearchResult
}

/** Searches a gallery, and gives every figure with its interval. */
export async function searchAndMeasure(
  input: SearchInput,
  { ranks, fpir: fpirs, far: fars = [], closedTpir = false }: SearchOptions,
): Promise<Searched> {
  const room = await import('@arcface/evaluate')
  const { probeOf, galleryOf } = input
  const tails = [
    ...fars.map((far) => room.tailForFar(far, probeOf.length * galleryOf.length)),
    ...(closedTpir ? fpirs.map((fpir) => Math.ceil(probeOf.length * fpir)) : []),
  ]
  const search = await room.search({
    ...input,
    keep: Math.max(...ranks),
    tail: Math.max(0, ...tails),
  })
  const mated = room.mateRanks(search).filter((rank) => rank > 0).length
  const open = mated > 0 && mated < search.probes
  const scores = room.searchScores(search)
  const openSet = open
    ? {
        searches: room.openSetSearches(search),
        points: fpirs.map((fpir) => room.tpirAtFpir(search, fpir)),
        intervals: room.openSetIntervals(search, probeOf, {
          fars: [...fpirs, ...room.farGrid(search.probes - mated)],
        }),
      }
    : closedTpir && { points: fpirs.map((fpir) => room.insightfaceTpir(search, fpir)) }
  return {
    search,
    result: {
      protocol: 'identification',
      probes: search.probes,
      gallery: search.gallery,
      distractors: galleryOf.reduce((sum, person) => sum + Number(person < 0), 0),
      mated,
      ranks,
      cmc: room.cmc(search),
      cmcIntervals: room.cmcIntervals(search, probeOf),
      ...(openSet && { openSet }),
      ...(fars.length > 0 && { verification: fars.map((far) => room.tarAtFar(scores, far)) }),
    },
  }
}

/** The figures as `--json` prints them. */
export function jsonOf({ cmc, cmcIntervals, ranks, ...result }: IdentificationResult) {
  const { openSet, verification, probes, gallery, distractors, mated } = result
  const byRank = <T>(of: ArrayLike<T>): Record<string, T> =>
    Object.fromEntries(ranks.map((rank) => [rank, of[rank - 1]!]))
  return {
    probes,
    gallery,
    distractors,
    mated,
    cmc: byRank(cmc),
    ...(cmcIntervals && { cmcIntervals: byRank(cmcIntervals) }),
    ...(openSet && {
      tpirAtFpir: Object.fromEntries(
        openSet.points.map(({ fpir, tpir, threshold, reachedFpir }) => {
          const interval = openSet.intervals?.atFar.find(({ far }) => far === fpir)?.tar
          return [fpir, { tpir, threshold, reachedFpir, ...(interval && { interval }) }]
        }),
      ),
    }),
    ...(verification && {
      tarAtFar: Object.fromEntries(
        verification.map(({ far, tar, threshold, reachedFar }) => [
          far,
          { tar, threshold, reachedFar },
        ]),
      ),
    }),
  }
}

/** The figures as rows of a table. */
export function rowsOf(result: IdentificationResult): (readonly [string, string])[] {
  const { cmc, cmcIntervals, ranks, openSet, verification = [] } = result
  const between = (interval: Interval | undefined) =>
    interval ? ` [${percent(interval.low)}, ${percent(interval.high)}]` : ''
  return [
    ...ranks.map(
      (rank) =>
        [`rank-${rank}`, `${percent(cmc[rank - 1]!)}${between(cmcIntervals?.[rank - 1])}`] as const,
    ),
    ...(openSet?.points ?? []).map(({ fpir, tpir, threshold }) => {
      const interval = openSet?.intervals?.atFar.find(({ far }) => far === fpir)?.tar
      const reading = openSet?.searches ? '' : ", InsightFace's reading of a closed set"
      const text = `${percent(tpir)}${between(interval)} (cosine > ${threshold.toFixed(4)}${reading})`
      return [`TPIR at FPIR ${rateName(fpir)}`, text] as const
    }),
    ...verification.map((point) => {
      const { far, tar, threshold } = point
      const text = `${percent(tar)} (cosine > ${threshold.toFixed(4)}${tooFew(point)})`
      return [`TAR at FAR ${rateName(far)}`, text] as const
    }),
  ]
}
