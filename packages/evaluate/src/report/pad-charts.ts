import type { DetectorFigures, PadResult } from '../pad/result.js'
import { sharesInBins } from '../roc/histogram.js'
import { histogramChart } from './charts.js'
import { detChart } from './curves.js'
import { type Html, html } from './html.js'
import { intervalChart } from './intervals.js'

/** Scores of a species, or of living people, as charts take them. */
export interface PadScores {
  readonly living: readonly number[]
  /** In the order of the result. */
  readonly species: readonly (readonly number[])[]
}

const BINS = 40

/** Scores of living people and of the attacks of each species, and the threshold among them. */
export function padHistogram(
  { species }: PadResult,
  scores: PadScores,
  threshold: number | undefined,
): Html {
  const all = [scores.living, ...scores.species].flat()
  const from = all.reduce((least, one) => Math.min(least, one), 0)
  const to = all.reduce((most, one) => Math.max(most, one), 1)
  const heights = (of: readonly number[]) => sharesInBins(of, { from, to, bins: BINS })
  return histogramChart({
    x: { name: 'Score (1: living)' },
    y: { name: 'Share of presentations', percent: true },
    from,
    to,
    series: [
      { name: 'living people', heights: heights(scores.living) },
      ...species.map(({ name }, i) => ({ name, heights: heights(scores.species[i]!) })),
    ],
    ...(threshold !== undefined && { marks: [{ at: threshold, name: 'threshold' }] }),
  })
}

/** APCER of each species with its interval. */
export function apcerChart({ species }: PadResult, { own, atBpcer }: DetectorFigures): Html {
  const [rates, where] = own
    ? [own.apcer, 'at its threshold']
    : [atBpcer[0]!.apcer, `at BPCER ${fixedRate(atBpcer[0]!.bpcer)}`]
  const rows = species.map(({ name }, i) => {
    const rate = rates[i] ?? null
    const known = rate !== null && rate.low !== null && rate.high !== null
    return { name, rate: known ? { value: rate.value, low: rate.low!, high: rate.high! } : null }
  })
  if (rows.every(({ rate }) => rate === null)) return html`<p>Nothing to draw.</p>`
  const none = rows.some(({ rate }) => rate?.value === 0)
  const note =
    none &&
    html`\n<p>Hollow, at the left edge: no attack passed; the line ends where the rate may still lie.</p>`
  return html`${intervalChart(`APCER ${where}`, rows)}${note}`
}

const NAMES = {
  far: 'APCER',
  tar: 'Living people accepted',
  missed: 'BPCER',
}

/** DET curves, a species each. */
export function padDet({ species }: PadResult, scores: PadScores): Html {
  const curves = species.flatMap(({ name }, i) => {
    const attacks = scores.species[i]!
    if (attacks.length === 0) return []
    return [{ name, result: asPairs(scores.living, attacks) }]
  })
  return detChart(curves, NAMES)
}

/** Living people and attacks as what curves are drawn of. */
export const asPairs = (living: readonly number[], attacks: readonly number[]) => ({
  similarities: Float64Array.from([...living, ...attacks]),
  same: Uint8Array.from([...living.map(() => 1), ...attacks.map(() => 0)]),
})

/** A rate at which another is told: `5 %`. */
export const fixedRate = (rate: number): string => `${Number((100 * rate).toPrecision(3))} %`
