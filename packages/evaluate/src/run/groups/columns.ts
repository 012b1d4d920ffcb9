import { nearest } from '@arcface/vision'
import { EvaluateError } from '../../errors.js'
import { type GroupValues, groupNames, MOST_GROUPS } from '../../groups/choose.js'
import type { GroupTable } from './table.js'

export interface PlanOptions {
  /** Names of columns, of several that are crossed with commas between. Default: every column. */
  readonly columns?: readonly string[] | undefined
  /** Leaves out groups of fewer people, and those without pairs of both kinds, instead of refusing them. */
  readonly minPeople?: number | undefined
}

/** Columns that are named, crossed where they are, or all of them that are of groups. */
export function chooseColumns(
  { file, columns: all }: GroupTable,
  values: Readonly<Record<string, readonly string[]>>,
  { columns }: PlanOptions,
): { readonly columns: readonly GroupValues[]; readonly warnings: readonly string[] } {
  if (columns !== undefined)
    return {
      columns: columns.map((names) => crossed(file, names.split(','), values)),
      warnings: [],
    }
  const warnings: string[] = []
  const found = all.flatMap((name): GroupValues[] => {
    const column = { columns: [name], values: values[name]! }
    const groups = groupNames(column).length
    if (groups > 1 && groups <= MOST_GROUPS) return [column]
    warnings.push(
      groups <= 1
        ? `${file}: ${name} is left out: it has ${groups === 1 ? 'one group only' : 'no value'}`
        : `${file}: ${name} is left out: ${groups} values are no groups`,
    )
    return []
  })
  if (found.length === 0)
    throw new EvaluateError(
      'EVALUATE_GROUPS',
      `${file} has no column of two groups or more among these images: ${all.join(', ')}`,
    )
  return { columns: found, warnings }
}

function crossed(
  file: string,
  names: readonly string[],
  values: Readonly<Record<string, readonly string[]>>,
): GroupValues {
  const known = Object.keys(values)
  const parts = names.map((name) => {
    const column = values[name]
    if (column) return column
    const meant = nearest(name, known)
    throw new EvaluateError(
      'EVALUATE_GROUPS',
      `${file} has no column ${name}${meant === undefined ? `; it has ${known.join(', ')}` : `; did you mean ${meant}?`}`,
    )
  })
  return {
    columns: names,
    values: parts[0]!.map((_, i) => {
      const own = parts.map((part) => part[i]!)
      return own.includes('') ? '' : own.join(', ')
    }),
  }
}
