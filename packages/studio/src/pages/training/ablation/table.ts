export interface Spread {
  readonly mean: number
  readonly std: number | null
  readonly seeds: number
}
export interface Row {
  readonly label: string
  readonly loss: string
  readonly accuracy: Readonly<Record<string, Spread>>
  readonly auc: Readonly<Record<string, Spread>>
  readonly angles: Readonly<Record<string, Spread>>
  readonly paper: readonly number[] | null
}
export interface Table {
  readonly sets: readonly string[]
  readonly angleNames: readonly string[]
  readonly rows: readonly Row[]
}

const isList = Array.isArray
/** The table of `arcface ablate`; null where there is none, or one that this page does not know. */
export function tableOf(value: unknown): Table | null {
  const { sets, angleNames, rows } = Object(value)
  if (!isList(sets) || !isList(angleNames) || !isList(rows)) return null
  const isRow = (row: unknown) => typeof Object(row).label === 'string' && Object(row).accuracy
  return rows.every(isRow) ? { sets, angleNames, rows } : null
}
