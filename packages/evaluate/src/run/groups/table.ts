import { readTable } from '@arcface/files'
import { EvaluateError } from '../../errors.js'

/** Which people, or images, are of which groups. */
export interface GroupTable {
  /** The file, for messages. */
  readonly file: string
  /** Of the groups, in the order of the file. */
  readonly columns: readonly string[]
  readonly rows: readonly GroupRow[]
}

export interface GroupRow {
  readonly line: number
  /** A person's folder, or an image's path. */
  readonly key: string
  /** By column; '' where nothing is known. */
  readonly values: Readonly<Record<string, string>>
}

/** What the column is called that says whom a row is of: an image, or a person; else it is the first. */
const KEYS = 'image path file filename photo person name identity subject folder'.split(' ')

/**
 * Reads a table of people or images and their groups: CSV, lines of JSON or Parquet, see `readTable`.
 * @throws EvaluateError EVALUATE_GROUPS where it has no row, no column of groups, or a value that is no text or number;
 *   FilesError
 */
export async function readGroupTable(file: string): Promise<GroupTable> {
  const refuse = (why: string) => new EvaluateError('EVALUATE_GROUPS', `${file}${why}`)
  const rows: GroupRow[] = []
  const columns = new Set<string>()
  let keys: readonly string[] = []
  for await (const { line, values } of readTable(file)) {
    const names = Object.keys(values)
    if (rows.length === 0) {
      keys = KEYS.flatMap((key) => names.filter((name) => name.toLowerCase() === key))
      if (keys.length === 0) keys = names.slice(0, 1)
    }
    const texts = Object.entries(values).map(([name, value]) => {
      const text = textOf(value)
      if (text === undefined)
        throw refuse(`, line ${line}: ${name} has no single value, but groups are texts or numbers`)
      return [name, text] as const
    })
    // What names people besides is no group of them.
    for (const name of names) if (!keys.includes(name)) columns.add(name)
    const key = texts.find(([name]) => name === keys[0])?.[1] ?? ''
    if (key === '') throw refuse(`, line ${line}: ${keys[0]} is empty, so it is of nobody`)
    rows.push({ line, key, values: Object.fromEntries(texts) })
  }
  if (rows.length === 0) throw refuse(' has no rows: a person or an image each, and its groups')
  if (columns.size === 0)
    throw refuse(
      ` has no column beside ${keys.join(', ')}: give each person a group, as sex or site`,
    )
  return { file, columns: [...columns], rows }
}

/** '' where there is none; undefined where there are several. */
function textOf(value: unknown): string | undefined {
  if (value === null || value === undefined) return ''
  if (value instanceof Date) return value.toISOString().slice(0, 10)
  return typeof value === 'object' ? undefined : String(value).trim()
}
