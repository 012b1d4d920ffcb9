import { findPerson, peopleOf } from '../people/find.js'
import { giveFaces } from '../people/give.js'
import { noPerson } from '../rules.js'
import { areIn, isIn } from '../store/sql.js'
import type { Tables } from '../store/tables.js'
import { renewKeys } from '../upkeep/keys.js'
import type { KnownFace } from './known.js'
import { findFaces } from './pages.js'

/** Gives faces to a person. @throws GalleryError GALLERY_PERSON, GALLERY_FACE */
export async function moveIn(tables: Tables, ids: readonly string[], to: string): Promise<void> {
  const { faces, shared, vault, called } = tables
  const person = await findPerson(tables, to)
  await findFaces(tables, ids)
  const owned = shared || vault ? await ownedBy(tables, ids) : undefined
  const give = () => giveFaces(faces, isIn('id', ids), person)
  if (vault) {
    // What they had is no more theirs to be read either.
    const others = [...owned!.keys()].filter((id) => id !== person.id)
    await renewKeys(tables, vault, others, give)
    return
  }
  await give()
  if (owned === undefined || (await peopleOf(tables, [person.id])).length > 0) return
  // Another process has taken the person away: with these faces, or before, and then whose they were has them again.
  let back = 0
  for (const owner of await peopleOf(tables, [...owned.keys()]))
    back += await giveFaces(faces, isIn('id', owned.get(owner.id)!), owner)
  await faces.delete(isIn('person', [person.id]))
  if (back > 0) throw noPerson(called, to)
}

/** These faces, by whose they are. */
export async function ownedBy(
  { faces }: Tables,
  ids: readonly string[],
): Promise<Map<string, string[]>> {
  const owned = new Map<string, string[]>()
  for (const where of areIn('id', ids))
    for (const { id, person } of (await faces
      .query()
      .where(where)
      .select(['id', 'person'])
      .toArray()) as KnownFace[])
      owned.set(person, [...(owned.get(person) ?? []), id])
  return owned
}
