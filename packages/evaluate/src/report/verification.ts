import { rocCurve } from '../roc/roc.js'
import { scoresOf } from '../roc/scores.js'
import type { VerificationResult } from '../verification/verification.js'
import { histogramChart, lineChart, type Series } from './charts.js'
import { escapeHtml, htmlPage, htmlTable, type Section } from './page.js'

export interface VerificationReportMeta {
  readonly title: string
  /** Name and value of what was measured (model, data, ...), in the order shown. */
  readonly facts: readonly (readonly [string, string])[]
  /** The command that gives the same figures again. */
  readonly command?: string
}

/** A result and what the report calls it, for example `with flip`. */
export interface NamedResult {
  readonly name: string
  readonly result: VerificationResult
}

/**
 * The report of a verification as one HTML page without scripts. The histogram shows the last
 * result; table and ROC show all of them.
 */
export function verificationReport(
  results: readonly [NamedResult, ...NamedResult[]],
  meta: VerificationReportMeta,
): string {
  return htmlPage(meta.title, verificationSections(results, meta))
}

/** The same as sections, to be placed in a longer report. */
export function verificationSections(
  results: readonly [NamedResult, ...NamedResult[]],
  meta: Omit<VerificationReportMeta, 'title'>,
): Section[] {
  const sections: Section[] = [
    { title: 'Figures', html: figures(results) },
    { title: 'ROC over all pairs', html: roc(results) },
    { title: 'Similarities', html: histogram(results.at(-1)!) },
    { title: 'What was measured', html: htmlTable([], meta.facts) },
  ]
  if (meta.command) {
    sections.push({ title: 'To repeat it', html: `<pre>${escapeHtml(meta.command)}</pre>` })
  }
  return sections
}

const percent = (fraction: number, digits = 2) => `${(100 * fraction).toFixed(digits)} %`

function figures(results: readonly NamedResult[]): string {
  const row = (name: string, cell: (result: VerificationResult) => string) => [
    name,
    ...results.map(({ result }) => cell(result)),
  ]
  const fars = Object.keys(results[0]?.result.tarAtFar ?? {})
  const rows = [
    row('Accuracy, mean ± std of folds', (r) => `${percent(r.accuracy)} ± ${percent(r.std)}`),
    row('Area under the ROC curve', (r) => r.auc.toFixed(4)),
    ...fars.map((far) => row(`TAR at FAR ${far}`, (r) => atFar(r, far))),
    row('Best cosine threshold, all pairs', (r) => r.threshold.toFixed(3)),
    row('Pairs / folds', (r) => `${r.pairs} / ${r.foldAccuracies.length}`),
  ]
  const note =
    'The accuracy of a fold is taken at the threshold found on the other folds. TAR is read at ' +
    'the largest FAR of the pooled pairs that does not exceed the one named.'
  return `${htmlTable(['', ...results.map(({ name }) => name)], rows)}\n<p>${note}</p>`
}

function atFar(result: VerificationResult, far: string): string {
  const threshold = result.thresholdAtFar[far]
  const tar = percent(result.tarAtFar[far] ?? 0)
  return threshold === undefined
    ? `${tar} (no impostor accepted: too few pairs for this FAR)`
    : `${tar} (cosine > ${threshold.toFixed(3)})`
}

function roc(results: readonly NamedResult[]): string {
  // The axis begins where the pairs can still tell a difference: one impostor accepted.
  const first = Math.min(
    ...results.map(({ result }) => 1 / result.same.filter((label) => label !== 1).length),
  )
  const min = 10 ** Math.floor(Math.log10(first) + 1e-9)
  const series: Series[] = results.map(({ name, result }) => {
    const curve = rocCurve(scoresOf(result.similarities, result.same), 1.03)
    const [zero] = curve
    const points = curve.filter(({ far }) => far > 0).map(({ far, tar }) => [far, tar] as const)
    return { name, points: [[min, zero?.tar ?? 0], ...points] }
  })
  return lineChart({
    x: { name: 'False accept rate (log)', log: true, min, max: 1 },
    y: { name: 'True accept rate', min: 0, max: 1, percent: true },
    series,
    step: true,
  })
}

const BINS = 60

function histogram({ name, result }: NamedResult): string {
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
    return counts.map((count) => count / total)
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
