import { type ListedPerson, type PeoplePage, type PersonRow, personOf } from '@arcface/vision'
import type { Table } from '../store/lance.js'
import type { FaceRow } from '../store/rows.js'
import { allOf, areIn, inGroups, quote } from '../store/sql.js'
import type { Tables } from '../store/tables.js'
import { findPerson } from './find.js'

export async function peopleIn(
  tables: Tables,
  { groups = [], after, limit }: PeoplePage,
): Promise<ListedPerson[]> {
  const where = allOf(inGroups(groups), after === undefined ? '' : `name > ${quote(after)}`)
  const query = tables.people.query().orderBy('name')
  if (where !== '') query.where(where)
  if (limit !== undefined) query.limit(limit)
  const rows = (await query.toArray()) as PersonRow[]
  const ids = where === '' && limit === undefined ? 'all' : rows.map(({ id }) => id)
  const counts = await faceCounts(tables.faces, ids)
  return rows.map((row) => ({ ...personOf(row), faces: counts.get(row.id) ?? 0 }))
}

/** @throws GalleryError GALLERY_PERSON, GALLERY_USE */
export async function personIn(tables: Tables, name: string): Promise<ListedPerson> {
  const row = await findPerson(tables, name)
  const faces = await tables.faces.countRows(`person = ${quote(row.id)}`)
  return { ...personOf(row), faces }
}

/** How many faces these people have, by their ids; of the faces one column is read. */
export async function faceCounts(
  faces: Table,
  people: readonly string[] | 'all',
): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  for (const where of people === 'all' ? [undefined] : areIn('person', people)) {
    const column = faces.query().select(['person'])
    for await (const batch of where === undefined ? column : column.where(where))
      for (const { person } of batch as Iterable<Pick<FaceRow, 'person'>>)
        counts.set(person, (counts.get(person) ?? 0) + 1)
  }
  return counts
}

/** How many people each group has, by its name. */
export async function groupsIn({ people }: Tables): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  for await (const batch of people.query().select(['groups']))
    for (const { groups } of batch as Iterable<Pick<PersonRow, 'groups'>>)
      for (const group of groups) counts.set(group, (counts.get(group) ?? 0) + 1)
  return new Map([...counts].sort(([a], [b]) => (a < b ? -1 : 1)))
}
