import { quantile } from '../bootstrap/bootstrap.js'
import { degreesOf } from '../margin/angles.js'
import { scoreBins } from '../roc/histogram.js'
import { histogramChart } from './charts.js'
import type { Html } from './html.js'
import type { Mark } from './marks.js'
import { htmlTable } from './page.js'
import type { NamedResult, ScoredPairs } from './scored.js'

/** What the statistics of scores take. */
type Scored = Pick<ScoredPairs, 'similarities' | 'same'>

/** Both kinds of pair by cosine, and the thresholds to be known among them. */
export function scoreHistogram(
  { name, result }: Pick<NamedResult, 'name'> & { readonly result: Scored },
  marks: readonly Mark[] = [],
): Html {
  const { from, to, genuine, impostor } = scoreBins(result)
  return histogramChart({
    x: { name: `Cosine (${name})`, step: from < 0.4 ? 0.2 : 0.05 },
    y: { name: 'Share of pairs', percent: true },
    from,
    to,
    series: [
      { name: 'Same person', heights: genuine },
      { name: 'Two people', heights: impostor },
    ].filter(({ heights }) => heights.some((height) => height > 0)),
    marks,
  })
}

/** Angles between the embeddings of pairs of one kind, in degrees. */
export interface AngleStatistics {
  readonly mean: number
  /** Population standard deviation. */
  readonly std: number
  readonly p5: number
  readonly median: number
  readonly p95: number
}

/** Angles of genuine and of impostor pairs; null where there are none of a kind. */
export function pairAngles({ similarities, same }: Scored): {
  genuine: AngleStatistics | null
  impostor: AngleStatistics | null
} {
  const of = (label: number) => {
    let count = 0
    for (const one of same) if ((one === 1 ? 1 : 0) === label) count++
    if (count === 0) return null
    const angles = new Float64Array(count)
    for (let p = 0, i = 0; p < same.length; p++)
      if ((same[p] === 1 ? 1 : 0) === label) angles[i++] = degreesOf(similarities[p]!)
    angles.sort()
    const mean = angles.reduce((sum, angle) => sum + angle, 0) / count
    const variance = angles.reduce((sum, angle) => sum + (angle - mean) ** 2, 0) / count
    const [p5, median, p95] = [0.05, 0.5, 0.95].map((share) => quantile(angles, share))
    return { mean, std: Math.sqrt(variance), p5: p5!, median: median!, p95: p95! }
  }
  return { genuine: of(1), impostor: of(0) }
}

export function angleTable(
  results: readonly (Pick<NamedResult, 'name'> & { readonly result: Scored })[],
): Html {
  const degrees = (angle: number) => `${angle.toFixed(1)}°`
  const rows = results.flatMap(({ name, result }) => {
    const { genuine, impostor } = pairAngles(result)
    return [['same person', genuine] as const, ['two people', impostor] as const].flatMap(
      ([kind, angles]) => {
        if (angles === null) return []
        const { mean, std, p5, median, p95 } = angles
        const shown = [`${degrees(mean)} ± ${degrees(std)}`, degrees(median)]
        const title = results.length > 1 ? `${name}: ${kind}` : kind
        return [[title, ...shown, `${degrees(p5)} to ${degrees(p95)}`]]
      },
    )
  })
  return htmlTable(['', 'Mean ± std', 'Median', '5 % to 95 %'], rows)
}
