import type { Differential, GroupColumn, GroupsResult } from '../groups/schema.js'
import { ratioWords, verdictWords } from '../groups/words.js'
import { count, errorPercent, rateWords } from '../words.js'
import type { CardFacts } from './facts.js'
import { plain, table } from './markdown.js'
import { whose } from './whose.js'

/** Error rates of groups of people as Markdown: a table a column, the worst ratios, what they show. */
export const groupsSection = (
  card: CardFacts,
  { threshold, columns, people, images, model }: GroupsResult,
): string =>
  [
    ...(model === undefined ? [] : [plain(`Of ${whose(card, model)}.`)]),
    `At a cosine of ${threshold.cosine.toFixed(4)}${threshold.far === null ? '' : ` (FAR ${errorPercent(threshold.far)})`}, on ${count(images)} faces of ${count(people)} people. FMR: share of pairs of two people of the group taken for one; FNMR: share of pairs of one person taken for two. In brackets: 95 % intervals by draws of people.`,
    ...columns.map(columnSection),
  ].join('\n\n')

function columnSection({ columns, groups, fmr, fnmr }: GroupColumn): string {
  const name = plain(columns.join(' and '))
  return [
    table(
      [name, 'people', 'FMR', 'FNMR'],
      groups.map((group) => [
        plain(group.name),
        count(group.people),
        plain(rateWords(group.fmr)),
        plain(rateWords(group.fnmr)),
      ]),
    ),
    [...(fmr ? [differ(fmr, 'FMR')] : []), ...(fnmr ? [differ(fnmr, 'FNMR')] : [])].join('\n'),
  ].join('\n\n')
}

function differ(one: Differential, what: string): string {
  const gini = one.gini === null ? '' : `, Gini ${one.gini.toFixed(3)}`
  return `${plain(verdictWords(one, what))} Largest to smallest ${plain(ratioWords(one))}${gini}.`
}
