import { rateName } from '@arcface/vision'
import type { IdentificationResult } from '../measures/search.js'
import { scoreBins } from '../roc/histogram.js'
import { figureText, inBrackets } from '../words.js'
import { shareAxis } from './axes.js'
import { lineChart, type Series } from './charts.js'
import { type CurveNames, curvePoints, detChart, lowestOf, rocChart } from './curves.js'
import { reportJson } from './export.js'
import { type Html, html } from './html.js'
import { htmlPage, htmlTable, type Section } from './page.js'
import { megafaceSection } from './published.js'
import type { Figure } from './scored.js'
import { angleTable, pairAngles, scoreHistogram } from './scores.js'
import { type ReportMeta, repeatSections } from './verification.js'
import { worstSections } from './worst.js'

const OPEN_SET: CurveNames = {
  far: 'False positive identification rate',
  tar: 'True positive identification rate',
  missed: 'False negative identification rate',
}

/** The report of a 1:N protocol as one HTML page without scripts. */
export function identificationReport(result: IdentificationResult, meta: ReportMeta): string {
  const { openSet, best, protocol, verification, cmc } = result
  const { searches, intervals } = openSet ?? {}
  const curve = searches && [{ name: 'rank 1', result: searches, ...(intervals && { intervals }) }]
  const sections: Section[] = [
    { title: 'Figures', html: figureTable(result) },
    { title: 'Cumulative match characteristic', html: cmcChart(result) },
    ...(curve
      ? [
          { title: 'Open set', html: rocChart(curve, OPEN_SET) },
          { title: 'Open set, both errors', html: detChart(curve, OPEN_SET) },
        ]
      : []),
    ...(best
      ? [
          {
            title: 'Best mate and best other of each probe',
            html: scoreHistogram(
              { name: 'best of a probe', result: best },
              openSet?.points.map(({ fpir, threshold }) => ({
                at: threshold,
                name: `FPIR ${rateName(fpir)}`,
              })),
            ),
          },
          { title: 'Angles to them', html: angleTable([{ name: '', result: best }]) },
        ]
      : []),
    ...(meta.worst ? worstSections(meta.worst) : []),
    ...(protocol === 'megaface' ? [megafaceSection(cmc[0]!, verification?.[0]?.tar)] : []),
    ...repeatSections(meta),
  ]
  return htmlPage(meta.title, sections)
}

/** What the page shows as one JSON object. */
export function identificationJson(result: IdentificationResult, meta: ReportMeta): string {
  const { openSet, best, cmc, ...plain } = result
  return reportJson(meta, {
    ...plain,
    cmc: [...cmc],
    ...(openSet && {
      openSet: {
        points: openSet.points,
        ...(openSet.intervals && { intervals: openSet.intervals }),
        ...(openSet.searches && {
          curve: curvePoints(openSet.searches).map(({ far, tar, threshold }) => ({
            fpir: far,
            tpir: tar,
            threshold,
          })),
        }),
      },
    }),
    ...(best && { histogram: scoreBins(best), angles: pairAngles(best) }),
  })
}

/** Every figure, as the table names them. */
export function identificationFigures(result: IdentificationResult): Figure[] {
  const { cmc, cmcIntervals, ranks, openSet, verification = [] } = result
  return [
    ...ranks.map((rank) => ({
      figure: `rank-${rank}`,
      value: cmc[rank - 1]!,
      ...cmcIntervals?.[rank - 1],
    })),
    ...(openSet?.points ?? []).flatMap(({ fpir, tpir, threshold }) => {
      const interval = openSet?.intervals?.atFar.find(({ far }) => far === fpir)
      return [
        { figure: `TPIR at FPIR ${rateName(fpir)}`, value: tpir, ...interval?.tar },
        {
          figure: `cosine threshold at FPIR ${rateName(fpir)}`,
          value: threshold,
          ...interval?.threshold,
        },
      ]
    }),
    ...verification.flatMap(({ far, tar, threshold }) => [
      { figure: `TAR at FAR ${rateName(far)}`, value: tar },
      { figure: `cosine threshold at FAR ${rateName(far)}`, value: threshold },
    ]),
  ]
}

function figureTable(result: IdentificationResult): Html {
  const rows = identificationFigures(result).map(({ figure, value, low, high }) => {
    const format = (one: number) => figureText(figure, one)
    const interval = low === undefined || high === undefined ? undefined : { low, high }
    return [figure, format(value) + inBrackets(interval, format)]
  })
  const { protocol, mated, probes, gallery, distractors } = result
  const counts = [
    [protocol === 'megaface' ? 'Couples' : 'Probes with a mate', `${mated}`],
    ['Probes', `${probes}`],
    [
      'Gallery',
      distractors === 0 ? `${gallery}` : `${gallery}, ${distractors} of them distractors`,
    ],
  ]
  const note =
    'A probe is found at rank k where fewer than k rows of other people score as high as its mate, or higher. TPIR and ' +
    'TAR are strict: at the largest rate that does not exceed the one named. In brackets: 95 % intervals by bootstrap ' +
    'over the people looked for.'
  return html`${htmlTable(['Figure', 'Value'], [...rows, ...counts])}\n<p>${note}</p>`
}

function cmcChart({ cmc, cmcIntervals }: IdentificationResult): Html {
  const series: Series = {
    name: 'found at this rank or better',
    points: [...cmc].map((rate, i) => [i + 1, rate] as const),
    ...(cmcIntervals && {
      band: cmcIntervals.map(({ low, high }, i) => [i + 1, low, high] as const),
    }),
  }
  return lineChart({
    x: { name: 'Rank', min: 1, max: Math.max(2, cmc.length), whole: true },
    y: { name: 'Found', ...shareAxis(lowestOf([series])), percent: true },
    series: [series],
  })
}
