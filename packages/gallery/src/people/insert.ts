import type { PersonRow } from '@arcface/vision'
import { type Tables, widenPeople } from '../store/tables.js'

/**
 * Adds people whose names nobody had a moment ago.
 * @returns how many: of a name that another process has added meanwhile there is that person alone
 */
export async function insertPeople(
  { people, shared }: Tables,
  rows: readonly PersonRow[],
): Promise<number> {
  if (rows.length === 0) return 0
  await widenPeople(people)
  // Of each every column: those that the first has not are left out of all.
  const plain = rows.map(({ consent = null, retain_until = null, ...row }) => ({
    ...{ ...row, consent, retain_until },
    groups: Array.from(row.groups),
  }))
  if (shared) return people.addNew('name', plain)
  await people.add(plain)
  return rows.length
}
