import { EvaluateError } from '../errors.js'
import { countPeople } from '../verification/identities.js'
import { bothErrors, differentialOf } from './differential.js'
import { cellOf, type DecidedPairs, GroupedPairs } from './pairs.js'
import { type RateOf, ratesOf } from './rates.js'
import type { GroupColumn, GroupFigures, GroupRate } from './schema.js'

/** Groups of faces by one property, or by several that are crossed. */
export interface Grouping {
  /** Names of the properties. */
  readonly columns: readonly string[]
  /** Names of the groups. */
  readonly names: readonly string[]
  /** Group of each row; negative where it has none. */
  readonly groupOf: Int32Array
}

export interface GroupOptions {
  /** Share of the draws within an interval. Default 0.95. */
  readonly level?: number | undefined
  /** Draws of people. Default 1000. */
  readonly replicates?: number | undefined
  /** Default 0. */
  readonly seed?: number | undefined
}

/** What `measureColumn` finds: a column but for what only the caller knows. */
export type MeasuredColumn = Omit<GroupColumn, 'leftOut' | 'groups'> & {
  readonly groups: readonly Omit<GroupFigures, 'skipped'>[]
}

/** False matches and false non-matches over all pairs, whatever the groups of their faces. */
export function measureOverall(
  pairs: DecidedPairs,
  { level = 0.95, replicates = 1000, seed = 0 }: GroupOptions = {},
): { readonly fmr: GroupRate | null; readonly fnmr: GroupRate | null } {
  const all = new GroupedPairs(pairs, new Int32Array(pairs.person.length), 1)
  const rates: RateOf[] = [
    { kind: 'fmr', cells: [0] },
    { kind: 'fnmr', cells: [0] },
  ]
  const strata = new Int32Array(countPeople(pairs.person))
  const [fmr, fnmr] = ratesOf(all, rates, { level, replicates, seed, strata })
  return { fmr: fmr!, fnmr: fnmr! }
}

/**
 * False matches and false non-matches of each group and across groups at one threshold, with intervals over draws of
 * people within the groups, and how they differ.
 * @throws EvaluateError EVALUATE_GROUPS where there are fewer than two groups; EVALUATE_OPTION, EVALUATE_IDENTITY
 */
export function measureColumn(
  pairs: DecidedPairs,
  { columns, names, groupOf }: Grouping,
  { level = 0.95, replicates = 1000, seed = 0 }: GroupOptions = {},
): MeasuredColumn {
  const count = names.length
  if (count < 2)
    throw new EvaluateError(
      'EVALUATE_GROUPS',
      `${columns.join(' and ')}: a comparison takes two groups or more, not ${count}`,
    )
  const { person } = pairs
  const grouped = new GroupedPairs(pairs, groupOf, count)
  const all = Array.from({ length: count }, (_, group) => group)
  const within = all.map((group) => cellOf(group, group, count))
  const couples = all.flatMap((a) => all.slice(a + 1).map((b) => [a, b] as const))
  const across = couples.map(([a, b]) => cellOf(a, b, count))
  const both = (cells: readonly number[]): RateOf[] => [
    { kind: 'fmr', cells },
    { kind: 'fnmr', cells },
  ]
  const groupsOf = groupsOfPeople(pairs, groupOf)
  const found = ratesOf(
    grouped,
    [
      ...[...within, ...across].flatMap((cell) => both([cell])),
      { kind: 'fmr', cells: within },
      { kind: 'fmr', cells: across },
    ],
    { level, replicates, seed, strata: strataOf(groupsOf) },
  )
  const groups = all.map((group) => {
    const rows = [...groupOf.keys()].filter((row) => groupOf[row] === group)
    return {
      name: names[group]!,
      people: new Set(rows.map((row) => person[row]!)).size,
      images: rows.length,
      fmr: found[2 * group]!,
      fnmr: found[2 * group + 1]!,
    }
  })
  const fmr = differentialOf(groups, 'fmr', level)
  const fnmr = differentialOf(groups, 'fnmr', level)
  return {
    columns: [...columns],
    groups,
    across: couples.map(([a, b], i) => ({
      groups: [names[a]!, names[b]!],
      fmr: found[2 * (count + i)]!,
      fnmr: found[2 * (count + i) + 1]!,
    })),
    fmrWithin: found.at(-2)!,
    fmrAcross: found.at(-1)!,
    fmr,
    fnmr,
    ...bothErrors(groups, fmr, fnmr),
    ...withoutGroup(groupsOf, groupOf),
  }
}

/** The people of a group are a stratum, so that groups keep their sizes, whoever is drawn; all of several groups are one. */
const strataOf = (groupsOf: readonly ReadonlySet<number>[]): Int32Array =>
  Int32Array.from(groupsOf, (own) => (own.size === 1 ? Math.max(-1, ...own) : -2))

/** Groups of each person's rows; a negative number where a row has none. */
function groupsOfPeople({ person }: DecidedPairs, groupOf: Int32Array): Set<number>[] {
  const groups = Array.from({ length: countPeople(person) }, () => new Set<number>())
  for (const [row, group] of groupOf.entries()) groups[person[row]!]!.add(group)
  return groups
}

function withoutGroup(
  groupsOf: readonly ReadonlySet<number>[],
  groupOf: Int32Array,
): Pick<GroupColumn, 'without' | 'mixed'> {
  return {
    without: {
      people: groupsOf.filter((own) => own.size > 0 && [...own].every((group) => group < 0)).length,
      images: groupOf.reduce((sum, group) => sum + Number(group < 0), 0),
    },
    mixed: groupsOf.filter((own) => [...own].filter((group) => group >= 0).length > 1).length,
  }
}
