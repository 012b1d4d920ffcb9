import type { IdentificationResult, Interval } from '@arcface/evaluate'
import { percent, rateName } from '../terminal/words.js'
import { tooFew } from './evaluate-shared.js'

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
