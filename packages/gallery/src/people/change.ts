import type { Description } from '@arcface/vision'
import { samePerson, taken } from '../rules.js'
import { groupsValue, isIn, quote } from '../store/sql.js'
import type { Tables } from '../store/tables.js'
import { findPeople, findPerson } from './find.js'

export async function describeIn(
  tables: Tables,
  name: string,
  { groups, metadata }: Description,
): Promise<void> {
  const { id } = await findPerson(tables, name)
  const person = isIn('id', [id])
  if (metadata !== undefined) {
    const valuesSql = { metadata: quote(JSON.stringify(metadata)) }
    await tables.people.update({ where: person, valuesSql })
  }
  if (groups === undefined) return
  const valuesSql = { groups: groupsValue(groups) }
  // The faces first: filters go by them, and a repeated call mends what a kill left half done.
  await tables.faces.update({ where: isIn('person', [id]), valuesSql })
  await tables.people.update({ where: person, valuesSql })
}

/** @param to as it is stored */
export async function renameIn(tables: Tables, name: string, to: string): Promise<void> {
  const { id } = await findPerson(tables, name)
  if ((await findPeople(tables, [to])).has(to)) throw taken(tables.called, name, to)
  await tables.people.update({ where: isIn('id', [id]), valuesSql: { name: quote(to) } })
}

export async function mergeIn(tables: Tables, name: string, into: string): Promise<void> {
  const from = await findPerson(tables, name)
  const to = await findPerson(tables, into)
  if (from.id === to.id) throw samePerson(name, into)
  const valuesSql = { person: quote(to.id), groups: groupsValue(Array.from(to.groups)) }
  await tables.faces.update({ where: isIn('person', [from.id]), valuesSql })
  await tables.people.delete(isIn('id', [from.id]))
}
