import { rateName } from '@arcface/vision'
import { inBrackets, percent } from '../words.js'
import { detChart, rocChart } from './curves.js'
import { type Html, html } from './html.js'
import { htmlPage, htmlTable, type Section } from './page.js'
import { type PublishedSet, publishedSection } from './published.js'
import type { NamedResult } from './scored.js'
import { angleTable, scoreHistogram } from './scores.js'
import { type PicturedPairs, worstSections } from './worst.js'

export interface ReportMeta {
  readonly title: string
  /** Name and value of what was measured (model, data, hashes, versions), in the order shown. */
  readonly facts: readonly (readonly [string, string])[]
  /** The command that gives the same figures again. */
  readonly command?: string
  /** The worst pairs of the last result. */
  readonly worst?: PicturedPairs
}

export interface VerificationReportMeta extends ReportMeta {
  /** Shows the paper's figures too; `set` is the one measured, where the paper has it. */
  readonly published?: { readonly set: PublishedSet | undefined }
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
  const { worst, published } = meta
  const intervals = results.some((one) => one.intervals !== undefined)
  const curves = intervals
    ? 'Shaded: where the curve lies at each FAR when other people are drawn (bootstrap over people, 95 %).'
    : 'Curves of the pooled pairs.'
  return [
    { title: 'Figures', html: figures(results) },
    { title: 'ROC over all pairs', html: html`${rocChart(results)}\n<p>${curves}</p>` },
    { title: 'DET over all pairs', html: detChart(results) },
    { title: 'Similarities', html: similarities(results.at(-1)!) },
    { title: 'Angles between the embeddings of a pair', html: angleTable(results) },
    ...(worst ? worstSections(worst) : []),
    ...(published ? [publishedSection(results, published.set)] : []),
    ...repeatSections(meta),
  ]
}

function similarities(one: NamedResult): Html {
  const { threshold, thresholdAtFar } = one.result
  const marks = [
    ...Object.entries(thresholdAtFar).map(([far, at]) => ({
      at,
      name: `FAR ${rateName(far)}`,
    })),
    ...(threshold === undefined ? [] : [{ at: threshold, name: 'best' }]),
  ]
  const note =
    'Dashed: the cosine above which pairs are accepted, by the FAR that it gives on all of these pairs' +
    (threshold === undefined ? '.' : '; best: the one that decides most of them rightly.')
  return html`${scoreHistogram(one, marks)}${marks.length > 0 && html`\n<p>${note}</p>`}`
}

/** What was measured, and how to do it again. */
export function repeatSections({ facts, command }: Omit<ReportMeta, 'title'>): Section[] {
  const measured = { title: 'What was measured', html: htmlTable([], facts) }
  if (command === undefined) return [measured]
  return [measured, { title: 'To repeat it', html: html`<pre>${command}</pre>` }]
}

function figures(results: readonly NamedResult[]): Html {
  const row = (name: string, cell: (one: NamedResult) => string) => [name, ...results.map(cell)]
  const fars = Object.keys(results[0]?.result.tarAtFar ?? {})
  const folds = results[0]?.result.foldAccuracies?.length
  const rows = [
    ...(folds === undefined ? [] : [row('Accuracy, mean ± std of folds', accuracy)]),
    row(
      'Area under the ROC curve',
      ({ result: r, intervals }) =>
        r.auc.toFixed(4) + inBrackets(intervals?.auc, (value) => value.toFixed(4)),
    ),
    ...fars.map((far) => row(`TAR at FAR ${rateName(far)}`, (one) => atFar(one, far))),
    ...fars.map((far) =>
      row(`TAR at FAR ${rateName(far)}, as InsightFace reads it`, (one) => insightface(one, far)),
    ),
    ...(folds === undefined
      ? [row('Pairs', ({ result: r }) => `${r.pairs}`)]
      : [
          row('Best cosine threshold, all pairs', ({ result: r }) => r.threshold?.toFixed(3) ?? ''),
          row('Pairs / folds', ({ result: r }) => `${r.pairs} / ${folds}`),
        ]),
  ]
  const people = results.find((one) => one.intervals)?.intervals?.identities
  const note =
    (folds === undefined
      ? ''
      : 'The accuracy of a fold is taken at the threshold found on the other folds. ') +
    'TAR is read at the largest FAR of the pooled pairs that does not exceed the one named; as InsightFace reads it, ' +
    (folds === undefined
      ? 'at the FAR that is nearest, which may exceed it.'
      : 'at a threshold interpolated on the other folds, whose FAR may exceed it.') +
    (people === undefined
      ? ''
      : ` In brackets: 95 % intervals by bootstrap over the ${people} people.`)
  return html`${htmlTable(['', ...results.map(({ name }) => name)], rows)}\n<p>${note}</p>`
}

const accuracy = ({ result: { accuracy = 0, std = 0 }, intervals }: NamedResult) =>
  `${percent(accuracy)} ± ${percent(std)}${inBrackets(intervals?.accuracy)}`

function insightface({ result }: NamedResult, far: string): string {
  const { foldedTarAtFar, nearestTarAtFar } = result
  const folded = foldedTarAtFar?.[far]
  if (folded) return `${percent(folded.tar)} ± ${percent(folded.std)} (FAR ${percent(folded.far)})`
  const nearest = nearestTarAtFar?.[far]
  return nearest ? `${percent(nearest.tar)} (FAR ${nearest.reachedFar.toExponential(1)})` : ''
}

function atFar({ result, intervals }: NamedResult, far: string): string {
  const threshold = result.thresholdAtFar[far]
  const interval = intervals?.atFar.find((point) => point.far === Number(far))
  const tar = percent(result.tarAtFar[far] ?? 0) + inBrackets(interval?.tar)
  return threshold === undefined
    ? `${tar} (no impostor accepted: too few pairs for this FAR)`
    : `${tar} (cosine > ${threshold.toFixed(3)})`
}
