import { AREA_TO, type DiscardResult, REFUSED } from '../quality/discard.js'
import type { DrawnRate } from '../scored/rates.js'
import { inBrackets, percent } from '../words.js'
import { lineChart } from './charts.js'
import { csvText } from './csv.js'
import { reportJson } from './export.js'
import { type Html, html } from './html.js'
import { htmlPage, htmlTable } from './page.js'
import { type ReportMeta, repeatSections } from './verification.js'

/** Shares whose FNMR a table has. */
const SHOWN = [0, 0.1, 0.2]

const between = ({ value, interval }: DrawnRate, text: (value: number) => string) =>
  text(value) + inBrackets(interval, text)
const two = (value: number) => value.toFixed(2)

/** Error-versus-discard curves as one HTML page without scripts. */
export function qualityReport(results: readonly DiscardResult[], meta: ReportMeta): string {
  const fmrs = results[0]?.curves.map(({ fmr }) => fmr) ?? []
  const sections = fmrs.flatMap((fmr, at) => [
    { title: `FNMR at FMR ${fmr} as the worst are refused`, html: chart(results, at) },
    { title: `In figures, at FMR ${fmr}`, html: table(results, at) },
  ])
  return htmlPage(meta.title, [...sections, ...repeatSections(meta)])
}

function chart(results: readonly DiscardResult[], at: number): Html {
  const drawn = lineChart({
    x: { name: 'comparisons refused', min: 0, max: 0.5, percent: true },
    y: { name: 'FNMR of the others', min: 0, percent: true },
    series: results.map(({ name, curves }) => ({
      name,
      points: curves[at]!.fnmr.map(({ value }, i) => [REFUSED[i]!, value] as const),
    })),
  })
  return html`${drawn}\n<p>A comparison is as good as the worse of its images. The threshold is that of all pairs, and stays. A level line: the figure tells nothing.</p>`
}

function table(results: readonly DiscardResult[], at: number): Html {
  const head = ['Figure', ...SHOWN.map((share) => `${100 * share} %`), 'Fall', 'Area', 'Worth']
  const rows = results.map(({ name, curves }) => {
    const { fnmr, fall, area, worth } = curves[at]!
    return [
      name,
      ...SHOWN.map((share) => percent(fnmr[REFUSED.indexOf(share)]!.value)),
      between(fall, percent),
      percent(area.value),
      between(worth, two),
    ]
  })
  const unknown = results.filter((one) => one.unknown > 0)
  return html`${htmlTable(head, rows)}
<p>FNMR with so many of the comparisons refused. Fall: by how much it is lower with the worst fifth refused. Area: its mean from none to ${100 * AREA_TO} %. Worth: of what could be gained in that area how much is; 1 where the errors go first, 0 by chance. In brackets: 95 % intervals by bootstrap over people, the threshold included.</p>
${unknown.map(({ name, unknown }) => html`<p>${name} is not known of ${unknown} images, which are refused first.</p>`)}`
}

/** What the page shows as one JSON object. */
export const qualityJson = (results: readonly DiscardResult[], meta: ReportMeta): string =>
  reportJson(meta, { refused: REFUSED, results })

/** A row for each figure, FMR and share refused. */
export const qualityCsv = (results: readonly DiscardResult[]): string =>
  csvText(
    ['figure', 'fmr', 'threshold', 'refused', 'fnmr', 'low', 'high'],
    results.flatMap(({ name, curves }) =>
      curves.flatMap(({ fmr, threshold, fnmr }) =>
        fnmr.map(({ value, interval }, i) => [
          ...[name, fmr, threshold, REFUSED[i]!, value],
          ...[interval?.low ?? '', interval?.high ?? ''],
        ]),
      ),
    ),
  )
