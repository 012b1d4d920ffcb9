import type { PersonRow } from '@arcface/vision'
import type { Tables } from '../store/tables.js'

/**
 * Adds people whose names nobody had a moment ago.
 * @returns how many: of a name that another process has added meanwhile there is that person alone
 */
export async function insertPeople(
  { people, shared }: Tables,
  rows: readonly PersonRow[],
): Promise<number> {
  if (rows.length === 0) return 0
  const plain = rows.map((row) => ({ ...row, groups: Array.from(row.groups) }))
  if (shared) return people.addNew('name', plain)
  await people.add(plain)
  return rows.length
}
