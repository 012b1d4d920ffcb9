import { randomUUID } from 'node:crypto'
import { type Description, keepingRow, type PersonRow } from '@arcface/vision'
import { noPerson, samePerson, taken } from '../rules.js'
import { groupsValue, isIn } from '../store/sql.js'
import { type Tables, widenPeople } from '../store/tables.js'
import { findPeople, findPerson, peopleOf } from './find.js'
import { giveFaces } from './give.js'
import { insertPeople } from './insert.js'

export async function describeIn(
  tables: Tables,
  name: string,
  { groups, metadata, ...keeping }: Description,
): Promise<void> {
  const { id } = await findPerson(tables, name)
  const person = isIn('id', [id])
  const kept = keepingRow(keeping)
  const values = { ...(metadata !== undefined && { metadata: JSON.stringify(metadata) }), ...kept }
  if (Object.keys(values).length > 0) {
    if (Object.keys(kept).length > 0) await widenPeople(tables.people)
    await tables.people.set(person, values)
  }
  if (groups === undefined) return
  // The faces first: filters go by them, and a repeated call mends what a kill left half done.
  await tables.faces.set(isIn('person', [id]), { groups })
  await tables.people.set(person, { groups })
  if (tables.shared) await alignGroups(tables, id)
}

/** Gives a person's faces the groups that the person has, until nobody has given it others meanwhile. */
async function alignGroups(tables: Tables, id: string): Promise<void> {
  let done: string | undefined
  for (;;) {
    const [person] = await peopleOf(tables, [id])
    const groups = person && Array.from(person.groups)
    if (groups === undefined || groupsValue(groups) === done) return
    await tables.faces.set(isIn('person', [id]), { groups })
    done = groupsValue(groups)
  }
}

/** @param to as it is stored */
export async function renameIn(tables: Tables, name: string, to: string): Promise<void> {
  const person = await findPerson(tables, name)
  if ((await findPeople(tables, [to])).has(to)) throw taken(tables.called, name, to)
  if (!tables.shared) {
    await tables.people.set(isIn('id', [person.id]), { name: to })
    return
  }
  // A name is one person's alone where rows are inserted by it.
  const renamed = { ...person, id: randomUUID(), name: to }
  if ((await insertPeople(tables, [renamed])) === 0) throw taken(tables.called, name, to)
  await giveAll(tables, person, renamed)
}

export async function mergeIn(tables: Tables, name: string, into: string): Promise<void> {
  const from = await findPerson(tables, name)
  const to = await findPerson(tables, into)
  if (from.id === to.id) throw samePerson(name, into)
  await giveAll(tables, from, to)
  tables.vault?.erase([from.id])
  tables.vault?.erased([from.id])
}

/** Gives all faces of a person to another, and takes the first away. @throws GalleryError GALLERY_PERSON */
async function giveAll(tables: Tables, from: PersonRow, to: PersonRow): Promise<void> {
  const given = await giveFaces(tables.faces, isIn('person', [from.id]), to)
  await tables.people.delete(isIn('id', [from.id]))
  if (!tables.shared) return
  // What others have added to the first meanwhile; who comes later finds that nobody is there, and does it again.
  await giveFaces(tables.faces, isIn('person', [from.id]), to)
  if ((await peopleOf(tables, [to.id])).length > 0) return
  // Another process has taken the second away: with all faces, or before they were given, and then who was there stays.
  const left = await tables.faces.countRows(isIn('person', [from.id, to.id]))
  if (given > 0 && left === 0) return
  await insertPeople(tables, [from])
  const back = await findPerson(tables, from.name)
  await giveFaces(tables.faces, isIn('person', [from.id, to.id]), back)
  throw noPerson(tables.called, to.name)
}
