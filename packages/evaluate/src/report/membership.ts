import { rateName } from '@arcface/vision'
import type { MembershipQuestion, MembershipRow } from '../membership/membership.js'
import { membershipWords } from '../membership/words.js'
import type { DrawnRate } from '../scored/rates.js'
import { count, inBrackets, percent } from '../words.js'
import { csvText } from './csv.js'
import { rocChart } from './curves.js'
import { reportJson } from './export.js'
import { type Html, html } from './html.js'
import { signalHistogram } from './membership-chart.js'
import { htmlPage, htmlTable, type Section } from './page.js'
import { type ReportMeta, repeatSections } from './verification.js'

/** What a question is asked of, and by whom; in the order in which the page has them. */
const ASKED: Record<MembershipQuestion, { trained: string; others: string; says: string }> = {
  photographs: {
    trained: 'Trained on',
    others: 'Other photographs of the same people',
    says: 'Both kinds show the same people: what tells them apart is what the network remembers of single photographs.',
  },
  people: {
    trained: 'Trained on',
    others: 'Strangers',
    says: 'Who has the training photographs themselves and asks whether they were used.',
  },
  'people-new': {
    trained: 'Members, photographs not trained on',
    others: 'Strangers',
    says: 'Who has photographs of somebody, but not those that were trained on, and asks whether this person was.',
  },
}

/** The report of an audit of membership as one HTML page without scripts. */
export function membershipReport(rows: readonly MembershipRow[], meta: ReportMeta): string {
  const questions = (Object.keys(ASKED) as MembershipQuestion[]).filter((one) =>
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
  const { trained, others, says } = ASKED[question]
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
    title: membershipWords(rows[0]!).question,
    html: html`<p>${says} ${of(trained, figures.trained)}; ${of(others.toLowerCase(), figures.others)}. In brackets: 95 % by bootstrap over people.</p>\n${table}\n${curves}\n${shown.map((row) => signalHistogram(row, trained, others))}`,
  }
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
