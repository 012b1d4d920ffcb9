import { type GroupPairs, imageName, type PairList } from '@arcface/data'
import { pairSample } from '../../bootstrap/sample.js'
import { EvaluateError } from '../../errors.js'
import { type GroupValues, groupingOf } from '../../groups/choose.js'
import { allPairs, decideListed } from '../../groups/decide.js'
import { foldStarts } from '../../verification/folds.js'
import { numberNames } from '../../verification/identities.js'
import { personOf } from '../people.js'
import { assignGroups } from './assign.js'
import { chooseColumns, type PlanOptions } from './columns.js'
import type { GroupTable } from './table.js'

/** What is to be embedded and compared: everything that can be wrong with groups was looked at. */
export interface GroupPlan {
  /** Images that are of a group. */
  readonly files: readonly string[]
  /** Person of each: 0, 1, ... */
  readonly person: Int32Array
  readonly columns: readonly GroupValues[]
  /** People of a group at least; left out, none is left out. */
  readonly fewest: number | undefined
  /** The pairs of a list, by places in `files`; left out, all pairs are compared. */
  readonly list?: Pick<PairList, 'a' | 'b' | 'same'>
  /** Parts of the list with folds of their own, a group each. */
  readonly parts?: readonly Part[]
  readonly warnings: readonly string[]
}

/** Pairs of the list from `start` to `end`, not included. */
export interface Part {
  readonly name: string
  readonly start: number
  readonly end: number
  readonly folds: number
}

/**
 * Every pair of images, by the groups of a table. A person is a folder of images, by its name.
 * @throws EvaluateError EVALUATE_GROUPS
 */
export function planAll(
  images: readonly string[],
  table: GroupTable,
  options: PlanOptions = {},
): GroupPlan {
  const { values, warnings } = assignGroups(table, images)
  const chosen = chooseColumns(table, values, options)
  const isUsed = images.map((_, i) => chosen.columns.some((column) => column.values[i] !== ''))
  const only = <T>(list: readonly T[]) => list.filter((_, i) => isUsed[i])
  const files = only(images)
  return checked({
    files,
    person: numberNames(files.map(personOf)),
    columns: chosen.columns.map((column) => ({ ...column, values: only(column.values) })),
    fewest: options.minPeople,
    warnings: [...warnings, ...chosen.warnings],
  })
}

/**
 * The pairs of a list, by the groups of a table.
 * @throws EvaluateError EVALUATE_GROUPS (also of a `.bin`, which names nobody), EVALUATE_IDENTITY (a pair's label is not
 *   that of its folders)
 */
export function planListed(
  { images, a, b, same }: PairList,
  table: GroupTable,
  options: PlanOptions = {},
): GroupPlan {
  const files = images.map((image) => {
    if (typeof image === 'string') return image
    throw new EvaluateError(
      'EVALUATE_GROUPS',
      `${imageName(image)} is of a .bin, which names nobody, so nobody has a group`,
    )
  })
  const { values, warnings } = assignGroups(table, files)
  const chosen = chooseColumns(table, values, options)
  return checked({
    files,
    person: numberNames(files.map(personOf)),
    columns: chosen.columns,
    fewest: options.minPeople,
    list: { a, b, same },
    warnings: [...warnings, ...chosen.warnings],
  })
}

/**
 * Lists of pairs of a group each, with folds, as RFW's.
 * @param column what the groups are called together
 * @throws EvaluateError EVALUATE_GROUPS, EVALUATE_FOLDS, EVALUATE_IDENTITY
 */
export function planLists(groups: readonly GroupPairs[], column: string): GroupPlan {
  const files = groups.flatMap(({ pairs }) => pairs.images)
  const parts: Part[] = []
  const [a, b, same]: [number[], number[], number[]] = [[], [], []]
  let before = 0
  for (const { name, pairs } of groups) {
    foldStarts(pairs.same, pairs.folds)
    parts.push({ name, start: a.length, end: a.length + pairs.same.length, folds: pairs.folds })
    for (const row of pairs.a) a.push(before + row)
    for (const row of pairs.b) b.push(before + row)
    same.push(...pairs.same)
    before += pairs.images.length
  }
  const values = groups.flatMap(({ name, pairs }) => pairs.images.map(() => name))
  return checked({
    files,
    person: numberNames(files.map(personOf)),
    columns: [{ columns: [column], values }],
    fewest: undefined,
    list: { a: Int32Array.from(a), b: Int32Array.from(b), same: Uint8Array.from(same) },
    parts,
    warnings: [],
  })
}

function checked(plan: GroupPlan): GroupPlan {
  const { person, columns, fewest } = plan
  const list = plan.list && { ...plan.list, similarities: new Float64Array(plan.list.same.length) }
  if (list) pairSample(list.similarities, list.same, list.a, list.b, person)
  // How they are decided does not matter yet.
  const pairs = list ? decideListed(list, person, 1) : allPairs(person)
  for (const column of columns) groupingOf(column, pairs, fewest)
  return plan
}
