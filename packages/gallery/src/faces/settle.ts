// What is added beside other processes is looked at again once it is there: commits of a table come one after the other, so
// that of two who add the same at once the later sees the earlier.

import { peopleOf } from '../people/find.js'
import { isCleaned, Overtaken } from '../store/contention.js'
import type { FaceRow } from '../store/rows.js'
import { areIn, groupsValue, isIn } from '../store/sql.js'
import type { Tables } from '../store/tables.js'
import { conditionsOf } from './known.js'

/** What was known when faces were planned. */
export interface Seen {
  /** Ids of the faces that are like those to be added. */
  readonly ids: ReadonlySet<string>
  /** The newest version of the faces before these were read. */
  readonly version: number
}

type Added = Pick<FaceRow, 'id' | 'person' | 'groups' | 'photo' | 'print' | 'origin'>

/**
 * Brings faces that were just added in line with what others have done meanwhile.
 * @param version the first that has them
 * @throws Overtaken where they are not to be there; then they are there no more
 */
export async function settle(
  tables: Tables,
  rows: readonly Added[],
  seen: Seen,
  version: number,
): Promise<void> {
  if ((await areRepeated(tables, rows, seen, version)) || !(await haveOwners(tables, rows))) {
    const ids = rows.map(({ id }) => id)
    for (const where of areIn('id', ids)) await tables.faces.delete(where)
    throw new Overtaken()
  }
}

/** Whether others have added some of them, and before. */
async function areRepeated(
  { at }: Tables,
  rows: readonly Added[],
  seen: Seen,
  version: number,
): Promise<boolean> {
  if (version === seen.version + 1) return false
  try {
    return await at('faces', version - 1, async (table) => {
      for (const where of conditionsOf(table, rows))
        for (const { id } of (await table.query().where(where).select(['id']).toArray()) as Added[])
          if (!seen.ids.has(id)) return true
      return false
    })
  } catch (error) {
    if (isCleaned(error)) return true // Nobody can say any more.
    throw error
  }
}

/** Whether all people are there; groups that they have got meanwhile become those of the faces. */
async function haveOwners(tables: Tables, rows: readonly Added[]): Promise<boolean> {
  const groups = new Map(rows.map((row) => [row.person, row.groups]))
  const there = await peopleOf(tables, [...groups.keys()])
  for (const person of there) {
    const now = Array.from(person.groups)
    if (groupsValue(now) !== groupsValue(groups.get(person.id)!))
      await tables.faces.set(isIn('person', [person.id]), { groups: now })
  }
  return there.length === groups.size
}
