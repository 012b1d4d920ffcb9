import type { Interval } from '../bootstrap/bootstrap.js'
import type { PairIntervals } from '../bootstrap/intervals.js'
import type { VerificationResult } from '../verification/verification.js'
import { detChart, rocChart } from './curves.js'
import { escapeHtml, htmlPage, htmlTable, type Section } from './page.js'
import { type PublishedSet, publishedSection } from './published.js'
import { angleTable, scoreHistogram } from './scores.js'
import { type PicturedPairs, worstSections } from './worst.js'

export interface VerificationReportMeta {
  readonly title: string
  /** Name and value of what was measured (model, data, hashes, versions), in the order shown. */
  readonly facts: readonly (readonly [string, string])[]
  /** The command that gives the same figures again. */
  readonly command?: string
  /** The worst pairs of the last result. */
  readonly worst?: PicturedPairs
  /** Shows the paper's figures too; `set` is the one measured, where the paper has it. */
  readonly published?: { readonly set: PublishedSet | undefined }
}

/** A result and what the report calls it, for example `with flip`. */
export interface NamedResult {
  readonly name: string
  readonly result: VerificationResult
  /** Of accuracy, AUC, and TAR at the FARs of the table and of the curves: see `farGrid`. */
  readonly intervals?: PairIntervals
}

/**
 * The report of a verification as one HTML page without scripts. Histogram and worst pairs show the
 * last result; tables and curves show all of them.
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
  const { facts, command, worst, published } = meta
  const intervals = results.some((one) => one.intervals !== undefined)
  const curves = intervals
    ? 'Shaded: where the curve lies at each FAR when other people are drawn (bootstrap over people, 95 %).'
    : 'Curves of the pooled pairs.'
  const sections: Section[] = [
    { title: 'Figures', html: figures(results) },
    { title: 'ROC over all pairs', html: `${rocChart(results)}\n<p>${curves}</p>` },
    { title: 'DET over all pairs', html: detChart(results) },
    { title: 'Similarities', html: scoreHistogram(results.at(-1)!) },
    { title: 'Angles between the embeddings of a pair', html: angleTable(results) },
    ...(worst ? worstSections(worst) : []),
    ...(published ? [publishedSection(results, published.set)] : []),
    { title: 'What was measured', html: htmlTable([], facts) },
  ]
  if (command) {
    sections.push({ title: 'To repeat it', html: `<pre>${escapeHtml(command)}</pre>` })
  }
  return sections
}

const percent = (fraction: number, digits = 2) => `${(100 * fraction).toFixed(digits)} %`

function figures(results: readonly NamedResult[]): string {
  const row = (name: string, cell: (one: NamedResult) => string) => [name, ...results.map(cell)]
  const fars = Object.keys(results[0]?.result.tarAtFar ?? {})
  const folded = (one: NamedResult, far: string) => one.result.foldedTarAtFar[far]
  const rows = [
    row('Accuracy, mean ± std of folds', ({ result: r, intervals }) =>
      join(`${percent(r.accuracy)} ± ${percent(r.std)}`, intervals?.accuracy),
    ),
    row('Area under the ROC curve', ({ result: r, intervals }) =>
      join(r.auc.toFixed(4), intervals?.auc, (value) => value.toFixed(4)),
    ),
    ...fars.map((far) => row(`TAR at FAR ${far}`, (one) => atFar(one, far))),
    ...fars.map((far) =>
      row(`TAR at FAR ${far}, as InsightFace reads it`, (one) => {
        const point = folded(one, far)
        return point
          ? `${percent(point.tar)} ± ${percent(point.std)} (FAR ${percent(point.far)})`
          : ''
      }),
    ),
    row('Best cosine threshold, all pairs', ({ result: r }) => r.threshold.toFixed(3)),
    row('Pairs / folds', ({ result: r }) => `${r.pairs} / ${r.foldAccuracies.length}`),
  ]
  const people = results.find((one) => one.intervals)?.intervals?.identities
  const note =
    'The accuracy of a fold is taken at the threshold found on the other folds. TAR is read at ' +
    'the largest FAR of the pooled pairs that does not exceed the one named; as InsightFace reads it, ' +
    'at a threshold interpolated on the other folds, whose FAR may exceed it.' +
    (people === undefined
      ? ''
      : ` In brackets: 95 % intervals by bootstrap over the ${people} people.`)
  return `${htmlTable(['', ...results.map(({ name }) => name)], rows)}\n<p>${note}</p>`
}

const join = (
  figure: string,
  interval: Interval | undefined,
  format: (value: number) => string = percent,
) => (interval ? `${figure} [${format(interval.low)}, ${format(interval.high)}]` : figure)

function atFar({ result, intervals }: NamedResult, far: string): string {
  const threshold = result.thresholdAtFar[far]
  const interval = intervals?.atFar.find((point) => point.far === Number(far))
  const tar = join(percent(result.tarAtFar[far] ?? 0), interval?.tar)
  return threshold === undefined
    ? `${tar} (no impostor accepted: too few pairs for this FAR)`
    : `${tar} (cosine > ${threshold.toFixed(3)})`
}
