import { quantile } from '../bootstrap/bootstrap.js'
import type { VerificationResult } from '../verification/verification.js'
import { histogramChart } from './charts.js'
import { htmlTable } from './page.js'
import type { NamedResult } from './verification.js'

const BINS = 60

/** Both kinds of pair by cosine. */
export function scoreHistogram({ name, result }: NamedResult): string {
  const lowest = result.similarities.reduce((least, value) => Math.min(least, value), 1)
  const from = Math.max(-1, Math.floor(lowest * 10) / 10)
  const share = (label: number) => {
    const counts = new Array<number>(BINS).fill(0)
    let total = 0
    result.similarities.forEach((value, p) => {
      if (result.same[p] !== label) return
      total++
      counts[Math.min(BINS - 1, Math.floor(((value - from) / (1 - from)) * BINS))]!++
    })
    return counts.map((n) => n / total)
  }
  return histogramChart({
    x: { name: `Cosine (${name})` },
    y: { name: 'Share of pairs', percent: true },
    from,
    to: 1,
    series: [
      { name: 'Same person', heights: share(1) },
      { name: 'Two people', heights: share(0) },
    ],
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

/** Angles of genuine and of impostor pairs. */
export function pairAngles({ similarities, same }: VerificationResult): {
  genuine: AngleStatistics
  impostor: AngleStatistics
} {
  const of = (label: number) => {
    const angles = similarities.filter((_, p) => (same[p] === 1 ? 1 : 0) === label)
    for (const [i, cosine] of angles.entries())
      angles[i] = (Math.acos(Math.max(-1, Math.min(1, cosine))) * 180) / Math.PI
    angles.sort()
    const mean = angles.reduce((sum, angle) => sum + angle, 0) / angles.length
    const variance = angles.reduce((sum, angle) => sum + (angle - mean) ** 2, 0) / angles.length
    const [p5, median, p95] = [0.05, 0.5, 0.95].map((share) => quantile(angles, share))
    return { mean, std: Math.sqrt(variance), p5: p5!, median: median!, p95: p95! }
  }
  return { genuine: of(1), impostor: of(0) }
}

export function angleTable(results: readonly NamedResult[]): string {
  const degrees = (angle: number) => `${angle.toFixed(1)}°`
  const rows = results.flatMap(({ name, result }) => {
    const { genuine, impostor } = pairAngles(result)
    return [['same person', genuine] as const, ['two people', impostor] as const].map(
      ([kind, { mean, std, p5, median, p95 }]) => [
        results.length > 1 ? `${name}: ${kind}` : kind,
        `${degrees(mean)} ± ${degrees(std)}`,
        degrees(median),
        `${degrees(p5)} to ${degrees(p95)}`,
      ],
    )
  })
  return htmlTable(['', 'Mean ± std', 'Median', '5 % to 95 %'], rows)
}
