import { EvaluateError } from '../errors.js'
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
  options: GroupOptions = {},
): { readonly fmr: GroupRate | null; readonly fnmr: GroupRate | null } {
  const all = new GroupedPairs(pairs, new Int32Array(pairs.person.length), 1)
  const rates: RateOf[] = [
    { kind: 'fmr', cells: [0] },
    { kind: 'fnmr', cells: [0] },
  ]
  const strata = new Int32Array(peopleOf(pairs))
  const [fmr, fnmr] = ratesOf(all, rates, { ...DEFAULTS, ...given(options), strata })
  return { fmr: fmr!, fnmr: fnmr! }
}

const DEFAULTS = { level: 0.95, replicates: 1000 }

const given = (options: GroupOptions): { level?: number; replicates?: number; seed?: number } =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))

const peopleOf = ({ person }: DecidedPairs): number =>
  person.reduce((most, one) => Math.max(most, one), -1) + 1

/**
 * False matches and false non-matches of each group and across groups at one threshold, with intervals over draws of
 * people within the groups, and how they differ.
 * @throws EvaluateError EVALUATE_GROUPS where there are fewer than two groups; EVALUATE_OPTION, EVALUATE_IDENTITY
 */
export function measureColumn(
  pairs: DecidedPairs,
  { columns, names, groupOf }: Grouping,
  options: GroupOptions = {},
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
  const chosen = { ...DEFAULTS, ...given(options) }
  const found = ratesOf(
    grouped,
    [
      ...[...within, ...across].flatMap((cell) => both([cell])),
      { kind: 'fmr', cells: within },
      { kind: 'fmr', cells: across },
    ],
    { ...chosen, strata: strataOf(pairs, groupOf) },
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
  const full = groups.map((group) => ({ ...group, skipped: 0 }))
  const [fmr, fnmr] = (['fmr', 'fnmr'] as const).map((kind) =>
    differentialOf(full, kind, chosen.level),
  )
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
    fmr: fmr!,
    fnmr: fnmr!,
    ...bothErrors(full, fmr!, fnmr!),
    ...withoutGroup(pairs, groupOf),
  }
}

/** The people of a group are a stratum, so that groups keep their sizes, whoever is drawn; all of several groups are one. */
const strataOf = (pairs: DecidedPairs, groupOf: Int32Array): Int32Array =>
  Int32Array.from(groupsOfPeople(pairs, groupOf), (groups) =>
    groups.size === 1 ? Math.max(-1, ...groups) : -2,
  )

function groupsOfPeople(pairs: DecidedPairs, groupOf: Int32Array): Set<number>[] {
  const groups = Array.from({ length: peopleOf(pairs) }, () => new Set<number>())
  for (const [row, group] of groupOf.entries()) groups[pairs.person[row]!]!.add(group)
  return groups
}

function withoutGroup(
  pairs: DecidedPairs,
  groupOf: Int32Array,
): Pick<GroupColumn, 'without' | 'mixed'> {
  const groups = groupsOfPeople(pairs, groupOf)
  return {
    without: {
      people: groups.filter((own) => own.size > 0 && [...own].every((group) => group < 0)).length,
      images: groupOf.reduce((sum, group) => sum + Number(group < 0), 0),
    },
    mixed: groups.filter((own) => [...own].filter((group) => group >= 0).length > 1).length,
  }
}
