import { EvaluateError } from '../errors.js'
import type { Grouping } from './groups.js'
import { cellOf, type DecidedPairs, GroupedPairs } from './pairs.js'

/** Values of one property of faces, or of several that are crossed. */
export interface GroupValues {
  readonly columns: readonly string[]
  /** Of each row; '' where nothing is known. */
  readonly values: readonly string[]
}

/** Of more groups than this somebody has taken a column of names for one of groups. */
export const MOST_GROUPS = 100

/** The values that there are, numbers in their order. */
export const groupNames = ({ values }: GroupValues): string[] =>
  [...new Set(values)]
    .filter((value) => value !== '')
    .sort(new Intl.Collator('en', { numeric: true }).compare)

/**
 * The groups of faces, each of which has pairs of two people and pairs of one.
 * @param pairs what is to be compared
 * @param fewest people of a group; left out, a group that cannot be measured is refused, and with it all. A group of fewer,
 *   or without pairs of both kinds, is left out.
 * @throws EvaluateError EVALUATE_GROUPS: such a group, too many groups, or fewer than two that are left
 */
export function groupingOf(
  given: GroupValues,
  pairs: Omit<DecidedPairs, 'accepted'>,
  fewest?: number,
): Grouping & { readonly leftOut: readonly string[] } {
  const { columns, values } = given
  const title = columns.join(' and ')
  const refuse = (why: string, hint?: string) =>
    new EvaluateError('EVALUATE_GROUPS', `${title}: ${why}`, { hint })
  const names = groupNames(given)
  if (names.length > MOST_GROUPS)
    throw refuse(
      `${names.length} groups are more than the ${MOST_GROUPS} that are compared`,
      CHOOSE,
    )
  const number = new Map(names.map((name, i) => [name, i]))
  const groupOf = Int32Array.from(values, (value) => number.get(value) ?? -1)
  const compared = { ...pairs, accepted: { first: [], second: [] } }
  const grouped = new GroupedPairs(compared, groupOf, names.length)
  const once = new Float64Array(pairs.person.length).fill(1)
  const [genuine, impostors] = [grouped.ofGenuine(once).trials, grouped.ofImpostors(once).trials]
  const leftOut: string[] = []
  for (const [group, name] of names.entries()) {
    const cell = cellOf(group, group, names.length)
    const people = new Set(pairs.person.filter((_, row) => groupOf[row] === group)).size
    const why =
      people === 1
        ? 'has one person, so nobody who could be taken for another'
        : impostors[cell] === 0
          ? 'has no pair of two people'
          : genuine[cell] === 0
            ? 'has no pair of one person: nobody with two images'
            : undefined
    if (why !== undefined && fewest === undefined) throw refuse(`${name} ${why}`, SMALL)
    if (why !== undefined || people < (fewest ?? 0)) leftOut.push(name)
  }
  const kept = names.filter((name) => !leftOut.includes(name))
  if (kept.length < 2)
    throw refuse(
      kept.length === 0
        ? 'no group has enough people to be compared'
        : `a comparison takes two groups or more, but ${kept[0]} is the only one that is left`,
    )
  const place = names.map((name) => kept.indexOf(name))
  return { columns, names: kept, groupOf: groupOf.map((group) => place[group] ?? -1), leftOut }
}

const SMALL = 'Add images, or give `minPeople`, which leaves such groups out.'
const CHOOSE = 'Choose columns of groups by `columns`.'
