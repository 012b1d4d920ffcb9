import { findPerson } from '../people/find.js'
import { groupsValue, isIn, quote } from '../store/sql.js'
import type { Tables } from '../store/tables.js'
import { findFaces } from './pages.js'

/** Gives faces to a person. @throws GalleryError GALLERY_PERSON, GALLERY_FACE */
export async function moveIn(tables: Tables, ids: readonly string[], to: string): Promise<void> {
  const person = await findPerson(tables, to)
  await findFaces(tables, ids)
  const valuesSql = { person: quote(person.id), groups: groupsValue(Array.from(person.groups)) }
  await tables.faces.update({ where: isIn('id', ids), valuesSql })
}
