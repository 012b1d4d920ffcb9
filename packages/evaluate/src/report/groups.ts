import type { Differential, GroupColumn, GroupRate, GroupsResult } from '../groups/schema.js'
import { ratioWords, verdictWords } from '../groups/words.js'
import { errorPercent, percent, rateWords } from '../words.js'
import { reportJson } from './export.js'
import { nameOf } from './groups-csv.js'
import { type Html, html } from './html.js'
import { intervalChart } from './intervals.js'
import { matrixChart } from './matrix.js'
import { htmlPage, htmlTable, type Section } from './page.js'
import { type ReportMeta, repeatSections } from './verification.js'

/** The report of groups as one HTML page without scripts. */
export function groupsReport(result: GroupsResult, meta: ReportMeta): string {
  const sections = [
    { title: 'All together', html: overall(result) },
    ...result.columns.flatMap((column) => columnSections(column, result)),
    ...repeatSections(meta),
  ]
  return htmlPage(meta.title, sections)
}

/** What the page shows as one JSON object. */
export const groupsJson = (result: GroupsResult, meta: ReportMeta): string =>
  reportJson(meta, result)

const FROM = {
  model: "the model's own",
  given: 'given',
  images: 'of all these pairs',
} as const

function overall({ threshold, pairs, people, images, fmr, fnmr, level, replicates }: GroupsResult) {
  const { cosine, far, from, source } = threshold
  const rows = [
    ['Accepted', `cosine above ${cosine.toFixed(4)}`],
    [
      'This threshold is',
      `${FROM[from]}${far === null ? '' : `, at FAR ${far}`}${source === null || from === 'images' ? '' : ` on ${source}`}`,
    ],
    ['False match rate (FMR)', `${rateWords(fmr)}${counts(fmr, 'pairs of two people')}`],
    ['False non-match rate (FNMR)', `${rateWords(fnmr)}${counts(fnmr, 'pairs of one person')}`],
    [
      'Compared',
      `${pairs === 'all' ? 'every pair' : 'the pairs of a list'} of ${images} images of ${people} people`,
    ],
  ]
  const note = `In brackets: ${100 * level} % intervals by bootstrap over people (${replicates} draws within the groups, corrected for bias and skewness), never narrower than the exact limits for as many people, or couples of people, with an error. Where nothing went wrong, at most what none among so many people (not pairs) allows. The threshold is taken as it is.`
  return html`${htmlTable([], rows)}\n<p>${note}</p>`
}

const counts = (rate: GroupRate | null, what: string): string =>
  rate === null ? '' : `, ${rate.errors} of ${rate.trials} ${what}`

function columnSections(column: GroupColumn, result: GroupsResult): Section[] {
  const name = nameOf(column)
  return [
    { title: `${name}: errors of each group`, html: groupTable(column) },
    { title: `${name}: false matches`, html: rateChart(column, 'fmr', result.fmr) },
    { title: `${name}: false non-matches`, html: rateChart(column, 'fnmr', result.fnmr) },
    { title: `${name}: who is taken for whom`, html: matrix(column) },
    { title: `${name}: how the groups differ`, html: differences(column) },
  ]
}

function groupTable(column: GroupColumn): Html {
  const { groups, without, mixed, leftOut } = column
  const skipped = groups.some((group) => group.skipped > 0)
  const rows = groups.map(({ name, people, images, fmr, fnmr, accuracy, ...group }) => [
    name,
    `${people}`,
    `${images}`,
    ...(skipped ? [`${group.skipped}`] : []),
    rateWords(fmr),
    rateWords(fnmr),
    ...(accuracy ? [`${percent(accuracy.value)} ± ${percent(accuracy.std)}`] : []),
  ])
  const head = [
    'Group',
    'People',
    'Images',
    ...(skipped ? ['No face'] : []),
    'FMR within',
    'FNMR',
    ...(column.accuracy ? ['Accuracy'] : []),
  ]
  const said = [
    ...(column.fmr ? [verdictWords(column.fmr, 'FMR')] : []),
    ...(column.fnmr ? [verdictWords(column.fnmr, 'FNMR')] : []),
    ...(without.images > 0
      ? [
          `${without.images} images (${without.people} people wholly) have no group and are left out.`,
        ]
      : []),
    ...(mixed > 0
      ? [`${mixed} people have images in several groups: each image is counted by its own.`]
      : []),
    ...(leftOut.length > 0 ? [`Too small and left out: ${leftOut.join('; ')}.`] : []),
  ]
  return html`${htmlTable(head, rows)}\n${said.map((text) => html`<p>${text}</p>`)}`
}

const TITLES = {
  fmr: 'False match rate of two people of the group',
  fnmr: 'False non-match rate of one person',
} as const

function rateChart({ groups }: GroupColumn, kind: 'fmr' | 'fnmr', overall: GroupRate | null): Html {
  const known = groups.map((group) => ({ name: group.name, rate: group[kind] }))
  const mark = overall && { name: `all: ${errorPercent(overall.value)}`, at: overall.value }
  const none = known.some(({ rate }) => rate?.value === 0)
  const note = none
    ? 'Hollow, at the left edge: nothing went wrong; the line ends where the rate may still lie.'
    : undefined
  return html`${intervalChart(TITLES[kind], known, mark ?? undefined)}${note && html`\n<p>${note}</p>`}`
}

function matrix(column: GroupColumn): Html {
  const { groups, across, fmrWithin, fmrAcross } = column
  const rates = new Map<string, GroupRate | null>([
    ...groups.map(({ name, fmr }) => [`${name}\n${name}`, fmr] as const),
    ...across.map(({ groups: [a, b], fmr }) => [`${a}\n${b}`, fmr] as const),
  ])
  const names = groups.map(({ name }) => name)
  const of = (a: number, b: number) =>
    (rates.get(`${names[a]}\n${names[b]}`) ?? rates.get(`${names[b]}\n${names[a]}`) ?? null)
      ?.value ?? null
  if (![...rates.values()].some((rate) => rate !== null && rate.value > 0))
    return html`<p>Nothing to draw: nobody was taken for another.</p>`
  const rows = [
    ['Two people of one group', rateWords(fmrWithin)],
    ['Two people of two groups', rateWords(fmrAcross)],
  ]
  const note = `False match rate in percent, of a person of one group with a person of another; the stronger the colour, the larger. On the diagonal: within the group, where people are most alike. All impostors together tell less than these: many of them are of two groups.`
  return html`${matrixChart('False match rate of every two groups', names, of)}\n<p>${note}</p>\n${htmlTable([], rows)}`
}

function differences(column: GroupColumn): Html {
  const { fmr, fnmr, fdr, garbe, accuracy } = column
  const cell = (of: Differential | null, value: (known: Differential) => string) =>
    of === null ? '–' : value(of)
  const row = (name: string, value: (known: Differential) => string) => [
    name,
    cell(fmr, value),
    cell(fnmr, value),
  ]
  const ratio = (value: number | null) => (value === null ? '–' : value.toFixed(2))
  const rows = [
    row('Largest', ({ largest }) => largest),
    row('Smallest', ({ smallest }) => smallest),
    row('Largest by smallest', ratioWords),
    row('Largest by geometric mean', ({ maxToGeometricMean }) => ratio(maxToGeometricMean)),
    row('Gini coefficient', ({ gini }) => ratio(gini)),
  ]
  const both = [
    ['Fairness discrepancy rate (FDR), 1 is best', ratio4(fdr)],
    ['GARBE, 0 is best', ratio4(garbe)],
    ...(accuracy
      ? [
          ['Mean accuracy of the groups', percent(accuracy.mean)],
          ['Standard deviation of the accuracies', percent(accuracy.std)],
          ['Skewed error ratio', ratio(accuracy.skewedErrorRatio)],
        ]
      : []),
  ]
  const note =
    'Largest by smallest, by the geometric mean and the Gini coefficient (times n / (n - 1)) are the measures of NIST (NISTIR 8280, NISTIR 8429). The interval of the first is that of the true ratio, from all couples of groups at once; where it reaches down to 1, chance alone may make such a difference. A dash: a rate is 0, and no ratio can be told. FDR: de Freitas Pereira and Marcel 2020; GARBE: Howard et al. 2022; both errors count half.'
  return html`${htmlTable(['', 'FMR', 'FNMR'], rows)}\n${htmlTable([], both)}\n<p>${note}</p>`
}

const ratio4 = (value: number | null) => (value === null ? '–' : value.toFixed(4))
