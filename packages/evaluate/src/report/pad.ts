import type { DetectorFigures, PadRate, PadResult, PresentedKind } from '../pad/result.js'
import { errorPercent, rateWords } from '../words.js'
import { reportJson } from './export.js'
import { type Html, html, lines } from './html.js'
import { apcerChart, fixedRate, type PadScores, padDet, padHistogram } from './pad-charts.js'
import { htmlPage, htmlTable, type Section } from './page.js'
import { type ReportMeta, repeatSections } from './verification.js'
import type { Picture } from './worst.js'

/** A presentation that the first detector decides wrongly, or nearly so. */
export interface PadCase extends Picture {
  readonly score: number
}

export interface PadReportMeta extends Omit<ReportMeta, 'worst'> {
  /** Of the first detector, whose curves are drawn. */
  readonly scores: PadScores
  /** The living of the lowest scores, and of each species the attacks of the highest. */
  readonly worst: {
    readonly living: readonly PadCase[]
    readonly species: readonly (readonly PadCase[])[]
  }
  /** Why there was no answer, and how often. */
  readonly silent: readonly (readonly [reason: string, count: number])[]
  /** Some of the species were drawn by code. */
  readonly simulated: boolean
}

/** The report of presentation attack detection as one HTML page without scripts. */
export function padReport(result: PadResult, meta: PadReportMeta): string {
  const [first] = result.detectors as readonly [DetectorFigures]
  const { scores, worst } = meta
  const sections: Section[] = [
    ...(meta.simulated ? [{ title: 'Simulations', html: html`<p>${SIMULATED}</p>` }] : []),
    { title: 'Figures', html: figures(result) },
    { title: 'Presentations', html: presentedTable(result) },
    ...(result.detectors.some(({ own }) => own)
      ? [{ title: 'APCER of each species at the threshold', html: ownTable(result) }]
      : []),
    ...result.detectors.map((one) => ({
      title: `Each species where the other error is fixed: ${one.name}`,
      html: fixedTables(result, one),
    })),
    { title: `APCER of each species: ${first.name}`, html: apcerChart(result, first) },
    { title: `DET of each species: ${first.name}`, html: padDet(result, scores) },
    { title: `Scores: ${first.name}`, html: padHistogram(result, scores, first.own?.threshold) },
    ...result.species.map(({ name }, i) => ({
      title: `Attacks that look most living: ${name}`,
      html: cases(worst.species[i]!, 'From the threshold on these are taken for living.'),
    })),
    {
      title: 'Living people who look least so',
      html: cases(worst.living, 'Below the threshold these are refused.'),
    },
    ...(meta.silent.length > 0 ? [{ title: 'No answer', html: silence(meta.silent) }] : []),
    ...repeatSections({
      facts: meta.facts,
      ...(meta.command !== undefined && { command: meta.command }),
    }),
  ]
  return htmlPage(meta.title, sections)
}

/** What the page shows as one JSON object; rates are fractions. */
export function padJson(result: PadResult, meta: PadReportMeta): string {
  const { scores: _, worst, silent, simulated, ...rest } = meta
  const named = (list: readonly PadCase[]) => list.map(({ name, score }) => ({ name, score }))
  return reportJson(rest, {
    simulated,
    ...result,
    worst: { living: named(worst.living), species: worst.species.map(named) },
    silent: Object.fromEntries(silent),
  })
}

const SIMULATED =
  'Species whose name begins with “simulated” were drawn by code from photographs of living people. They show that a detector is measured rightly, and what it does with such drawings; they say nothing of how it does with real prints, screens and masks.'

/** ISO/IEC 30107-3 calls them by the reciprocal of the APCER. */
const atApcerName = (apcer: number): string =>
  `BPCER at APCER ${fixedRate(apcer)} (BPCER${Number((1 / apcer).toPrecision(3))})`

function figures(result: PadResult): Html {
  const { detectors, people, level, replicates } = result
  const row = (name: string, cell: (one: DetectorFigures) => string) => [
    name,
    ...detectors.map(cell),
  ]
  const rows = [
    row('Its threshold', ({ own }) => (own ? own.threshold.toFixed(4) : '–')),
    row('BPCER there', ({ own }) => rateWords(own?.bpcer ?? null)),
    row('APCER there, worst species', ({ own }) => rateWords(own?.apcerMax ?? null)),
    row('Worst species', ({ own }) => (own ? result.species[own.worst]!.name : '–')),
    ...detectors[0]!.atApcer.map(({ apcer }, i) =>
      row(atApcerName(apcer), (one) => rateWords(one.atApcer[i]!.bpcer)),
    ),
    ...detectors[0]!.atBpcer.map(({ bpcer }, i) =>
      row(`APCER at BPCER ${fixedRate(bpcer)}, worst species`, ({ atBpcer }) =>
        rateWords(atBpcer[i]!.apcer[atBpcer[i]!.worst]!),
      ),
    ),
    row('ACER (outdated)', ({ own }) => (own ? errorPercent(own.acer) : '–')),
  ]
  const limits =
    people < 2
      ? ' One person alone gives no intervals.'
      : ` In brackets: ${100 * level} % intervals by bootstrap over the ${people} people (${replicates} draws, corrected for bias and skewness), never narrower than the exact limits for as many people with an error; a threshold that is found on these presentations is found anew in each draw.`
  const note = `APCER: share of the attacks of a species that are taken for living; BPCER: share of living people who are refused (ISO/IEC 30107-3). At a fixed APCER no species exceeds it. Presentations without an answer are in neither. ACER, the mean of BPCER and the worst APCER, is no more in the standard: it hides which of the two is bad.${limits}`
  return html`${htmlTable(['', ...detectors.map(({ name }) => name)], rows)}\n<p>${note}</p>`
}

function presentedTable({ living, species }: PadResult): Html {
  const row = (name: string, { presentations, people, nonResponse }: PresentedKind) => [
    name,
    `${presentations}`,
    `${people}`,
    rateWords(nonResponse),
  ]
  const rows = [...species.map((kind) => row(kind.name, kind)), row('living people', living)]
  const note =
    'Without an answer: no face was found, or nothing said of it (of attacks APNRR, of living people BPNRR). These are in no other figure.'
  return html`${htmlTable(['', 'Presented', 'People', 'No answer'], rows)}\n<p>${note}</p>`
}

function ownTable({ species, detectors }: PadResult): Html {
  const rows = [
    ...species.map(({ name }, i) => [
      name,
      ...detectors.map(({ own }) => rateWords(own?.apcer[i] ?? null)),
    ]),
    ['living people (BPCER)', ...detectors.map(({ own }) => rateWords(own?.bpcer ?? null))],
  ]
  return htmlTable(['', ...detectors.map(({ name }) => name)], rows)
}

function fixedTables({ species }: PadResult, { atApcer, atBpcer }: DetectorFigures): Html {
  const table = (head: readonly string[], cells: (place: number) => readonly (PadRate | null)[]) =>
    htmlTable(
      ['', ...head],
      species.map(({ name }, i) => [name, ...cells(i).map(rateWords)]),
    )
  const passed = table(
    atBpcer.map(({ bpcer }) => `APCER at BPCER ${fixedRate(bpcer)}`),
    (i) => atBpcer.map(({ apcer }) => apcer[i]!),
  )
  const refused = table(
    atApcer.map(({ apcer }) => `BPCER at APCER ${fixedRate(apcer)}`),
    (i) => atApcer.map(({ each }) => each[i]!),
  )
  const note = 'How many living people are refused where this species alone is held to that APCER:'
  return html`${passed}\n<p>${note}</p>\n${refused}`
}

function cases(list: readonly PadCase[], note: string): Html {
  if (list.length === 0) return html`<p>There is none.</p>`
  const drawn = list.map(
    ({ name, source, score }) =>
      html`<figure class="case"><img src="${source}" alt="${name}" title="${name}" width="112" height="112"><div class="name">${name.split(/[/\\]/).at(-1)}</div><figcaption>score ${score.toFixed(3)}</figcaption></figure>`,
  )
  return html`<div class="pairs">${lines(drawn)}</div>\n<p>${note}</p>`
}

const silence = (silent: PadReportMeta['silent']): Html =>
  htmlTable(
    ['Why', 'Presentations'],
    silent.map(([reason, count]) => [reason, `${count}`]),
  )
