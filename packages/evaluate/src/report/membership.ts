import { rateName } from '@arcface/vision'
import type {
  MembershipQuestion,
  MembershipRow,
  MembershipSignal,
} from '../membership/membership.js'
import type { DrawnRate } from '../scored/rates.js'
import { count, inBrackets, percent } from '../words.js'
import { histogramChart } from './charts.js'
import { csvText } from './csv.js'
import { rocChart } from './curves.js'
import { reportJson } from './export.js'
import { type Html, html } from './html.js'
import { htmlPage, htmlTable, type Section } from './page.js'
import { type ReportMeta, repeatSections } from './verification.js'

const QUESTIONS: Record<
  MembershipQuestion,
  { title: string; trained: string; others: string; says: string }
> = {
  photographs: {
    title: 'Was this photograph trained on?',
    trained: 'Trained on',
    others: 'Other photographs of the same people',
    says: 'Both kinds show the same people: what tells them apart is what the network remembers of single photographs.',
  },
  people: {
    title: 'Was this person trained on? By the photographs that were',
    trained: 'Trained on',
    others: 'Strangers',
    says: 'Who has the training photographs themselves and asks whether they were used.',
  },
  'people-new': {
    title: 'Was this person trained on? By other photographs',
    trained: 'Members, photographs not trained on',
    others: 'Strangers',
    says: 'Who has photographs of somebody, but not those that were trained on, and asks whether this person was.',
  },
}

const SIGNALS: Record<MembershipSignal, { name: string; axis: string }> = {
  genuine: {
    name: 'cosine with other photographs',
    axis: 'Mean cosine with the other photographs of the person',
  },
  centre: { name: 'cosine with a class centre', axis: 'Cosine with a class centre' },
  certainty: {
    name: 'softmax (loss without margin)',
    axis: 'Log odds of the softmax, without margin',
  },
}

/** What a row measures, in words. */
export const membershipWords = ({ question, signal, control }: MembershipRow) => ({
  question: QUESTIONS[question].title,
  signal: `${SIGNALS[signal].name}${control ? ', by the control network' : ''}`,
})

/** The report of an audit of membership as one HTML page without scripts. */
export function membershipReport(rows: readonly MembershipRow[], meta: ReportMeta): string {
  const questions = (Object.keys(QUESTIONS) as MembershipQuestion[]).filter((one) =>
    rows.some(({ question }) => question === one),
  )
  return htmlPage(meta.title, [
    { title: 'How to read it', html: reading(rows) },
    ...questions.map((one) =>
      section(
        one,
        rows.filter(({ question }) => question === one),
      ),
    ),
    ...repeatSections(meta),
  ])
}

function reading(rows: readonly MembershipRow[]): Html {
  const control = rows.some((row) => row.control)
    ? ' The control network was trained on none of these people: what it tells apart is how the photographs differ, not membership.'
    : ' Where trained and other photographs come from different sets, a part of what tells them apart may be the sets: a control network, trained on neither, measures how much.'
  return html`<p>An attacker takes a photograph for one that was trained on where its score lies above a threshold. The area under the ROC curve is the chance that a trained photograph scores above another: 50 % is guessing. The true positive rate is read at few false alarms: it says how many can be named with little doubt.${control}</p>`
}

function section(question: MembershipQuestion, rows: readonly MembershipRow[]): Section {
  const { title, trained, others, says } = QUESTIONS[question]
  const { figures } = rows[0]!
  const shown = rows.filter(({ control }) => !control)
  const table = htmlTable(
    ['Score', 'Area under ROC', ...figures.tpr.map(({ fpr }) => `TPR at FPR ${rateName(fpr)}`)],
    rows.map((row) => [
      membershipWords(row).signal,
      between(row.figures.auc),
      ...row.figures.tpr.map(
        (one) => between(one) + (one.reached === 0 ? ' (no false alarm)' : ''),
      ),
    ]),
  )
  const of = (name: string, { photographs, people }: { photographs: number; people: number }) =>
    `${name}: ${count(photographs)} photographs of ${count(people)} people`
  const curves = rocChart(
    rows.map((row) => ({ name: membershipWords(row).signal, result: row.figures.scored })),
    { far: 'False positive rate', tar: 'True positive rate', missed: 'Missed' },
  )
  return {
    title,
    html: html`<p>${says} ${of(trained, figures.trained)}; ${of(others.toLowerCase(), figures.others)}. In brackets: 95 % by bootstrap over people.</p>\n${table}\n${curves}\n${shown.map((row) => histogram(row, trained, others))}`,
  }
}

const BINS = 50

function histogram({ signal, figures }: MembershipRow, trained: string, others: string): Html {
  const { similarities, same } = figures.scored
  const [from, to] = limitsOf(similarities)
  const heights = (label: number) => {
    const bins = new Array<number>(BINS).fill(0)
    let total = 0
    similarities.forEach((score, i) => {
      if (same[i] !== label) return
      total++
      const bin = Math.floor(((score - from) / (to - from)) * BINS)
      bins[Math.max(0, Math.min(BINS - 1, bin))]!++
    })
    return bins.map((bin) => bin / total)
  }
  return histogramChart({
    x: { name: SIGNALS[signal].axis },
    y: { name: 'Share of photographs', percent: true },
    from,
    to,
    series: [
      { name: trained, heights: heights(1) },
      { name: others, heights: heights(0) },
    ],
    height: 260,
  })
}

/** Round numbers that all but the outermost five thousandths lie between: these stand in the last bins. */
function limitsOf(scores: Float64Array): [number, number] {
  const sorted = scores.toSorted()
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))]!
  const [low, high] = [at(0.005), at(0.995)]
  const step = 10 ** Math.floor(Math.log10(Math.max(high - low, 1e-6)))
  const [from, to] = [Math.floor(low / step) * step, Math.ceil(high / step) * step]
  return [from, to > from ? to : from + step]
}

const between = ({ value, interval }: DrawnRate) => percent(value) + inBrackets(interval)

/** The same as one JSON object; figures are fractions. */
export const membershipJson = (rows: readonly MembershipRow[], meta: ReportMeta): string =>
  reportJson(meta, {
    rows: rows.map(({ figures: { scored, ...figures }, ...row }) => ({ ...row, ...figures })),
  })

/** The figures as CSV, a line a figure. */
export const membershipCsv = (rows: readonly MembershipRow[]): string =>
  csvText(
    ['question', 'score', 'control', 'figure', 'value', 'low', 'high'],
    rows.flatMap(({ question, signal, control, figures }) =>
      [
        ['area under ROC', figures.auc] as const,
        ...figures.tpr.map((one) => [`TPR at FPR ${rateName(one.fpr)}`, one] as const),
      ].map(([figure, { value, interval }]) => [
        ...[question, signal, control ? 'yes' : 'no', figure, value],
        ...[interval?.low ?? '', interval?.high ?? ''],
      ]),
    ),
  )
