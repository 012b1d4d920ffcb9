import { randomUUID } from 'node:crypto'
import {
  type Enrolled,
  KnownFaces,
  type NewFace,
  type NewPerson,
  type PersonRow,
  planEnrolment,
  planPeople,
} from '@arcface/vision'
import { findPeople } from '../people/find.js'
import { insertPeople } from '../people/insert.js'
import { refuse } from '../rules.js'
import { Overtaken, untilDone } from '../store/contention.js'
import { embeddingOf, printOf, type StoredFace } from '../store/rows.js'
import { areIn, isIn } from '../store/sql.js'
import { type Tables, widen } from '../store/tables.js'
import { conditionsOf, KNOWN, type KnownFace } from './known.js'
import { settle } from './settle.js'

/**
 * Adds the faces that are not there, and people for them: people first, so that where only that is done nothing is lost.
 * What is there is decided here, by content: what another process has added a moment ago counts.
 */
export async function addIn(tables: Tables, faces: readonly NewFace[]): Promise<Enrolled[]> {
  await widen(tables.faces)
  const prints = faces.map(({ embedding }) => printOf(embedding))
  return tables.shared
    ? untilDone(() => addNowIn(tables, faces, prints))
    : addNowIn(tables, faces, prints)
}

/** @throws Overtaken by another process, where there is one; then no face was added */
async function addNowIn(
  tables: Tables,
  faces: readonly NewFace[],
  prints: readonly string[],
): Promise<Enrolled[]> {
  const moment = await momentOf(
    tables,
    faces.map(({ person }) => person),
  )
  const version = await tables.faces.version()
  const { known, ids } = await readKnown(tables, faces, prints, moment.people)
  const { people, faces: rows, gone, results } = planEnrolment(faces, prints, known, moment)
  if ((await insertPeople(tables, people)) < people.length) throw new Overtaken()
  if (rows.length > 0) {
    const added = await tables.faces.add(rows.map((row) => ({ ...row })))
    if (tables.shared) await settle(tables, rows, { ids, version }, added)
  }
  if (gone.length > 0) await tables.faces.delete(isIn('id', gone))
  return [...results]
}

/** Adds those people who are not there. @returns how many */
export async function addPeopleIn(tables: Tables, people: readonly NewPerson[]): Promise<number> {
  const moment = await momentOf(
    tables,
    people.map(({ name }) => name),
  )
  return insertPeople(tables, planPeople(people, moment))
}

const momentOf = async (tables: Tables, names: readonly string[]) => ({
  people: await findPeople(tables, [...new Set(names)]),
  now: Date.now(),
  newId: randomUUID,
})

/** Faces that may be the same as these, and the ids of those that are told by what they were made of. */
async function readKnown(
  { faces: table }: Tables,
  faces: readonly NewFace[],
  prints: readonly string[],
  people: ReadonlyMap<string, PersonRow>,
): Promise<{ known: KnownFaces; ids: Set<string> }> {
  const known = new KnownFaces(refuse)
  const ids = new Set<string>()
  const told = faces.map((face, i) => ({ ...face, print: prints[i] }))
  for (const where of conditionsOf(table, told))
    for (const row of (await table.query().where(where).select(KNOWN).toArray()) as KnownFace[]) {
      known.add(row)
      ids.add(row.id)
    }
  for (const where of areIn(
    'person',
    [...people.values()].map(({ id }) => id),
  ))
    for await (const batch of table
      .query()
      .where(`print IS NULL AND ${where}`)
      .select(['id', 'person', 'embedding']))
      for (const face of batch as Iterable<StoredFace<'id' | 'person'>>)
        known.addOld({ id: face.id, person: face.person, embedding: embeddingOf(face) })
  return { known, ids }
}
