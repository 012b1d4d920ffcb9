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
import { refuse } from '../rules.js'
import { embeddingOf, type StoredFace } from '../store/rows.js'
import { areIn, isIn } from '../store/sql.js'
import { type Tables, widen } from '../store/tables.js'
import { printOf } from './content.js'
import { KNOWN, type KnownFace } from './photographs.js'

/**
 * Adds the faces that are not there, and people for them: people first, so that where only that is done nothing is lost.
 * What is there is decided here, under the writer's lock, by content: what another process has added a moment ago counts.
 */
export async function addIn(tables: Tables, faces: readonly NewFace[]): Promise<Enrolled[]> {
  await widen(tables.faces)
  const prints = faces.map(({ embedding }) => printOf(embedding))
  const moment = await momentOf(
    tables,
    faces.map(({ person }) => person),
  )
  const known = await readKnown(tables, faces, prints, moment.people)
  const { people, faces: rows, gone, results } = planEnrolment(faces, prints, known, moment)
  if (people.length > 0) await tables.people.add(people.map((row) => ({ ...row })))
  if (rows.length > 0) await tables.faces.add(rows.map((row) => ({ ...row })))
  if (gone.length > 0) await tables.faces.delete(isIn('id', gone))
  return [...results]
}

/** Adds those people who are not there. @returns how many */
export async function addPeopleIn(tables: Tables, people: readonly NewPerson[]): Promise<number> {
  const moment = await momentOf(
    tables,
    people.map(({ name }) => name),
  )
  const rows = planPeople(people, moment)
  if (rows.length > 0) await tables.people.add(rows.map((row) => ({ ...row })))
  return rows.length
}

const momentOf = async (tables: Tables, names: readonly string[]) => ({
  people: await findPeople(tables, [...new Set(names)]),
  now: Date.now(),
  newId: randomUUID,
})

/** Faces that may be the same as these. */
async function readKnown(
  { faces: table }: Tables,
  faces: readonly NewFace[],
  prints: readonly string[],
  people: ReadonlyMap<string, PersonRow>,
): Promise<KnownFaces> {
  const known = new KnownFaces(refuse)
  const given = (key: 'id' | 'photo' | 'origin') => faces.flatMap((face) => face[key] ?? [])
  for (const where of [
    ...areIn('id', given('id')),
    ...areIn('print', prints),
    ...areIn('photo', given('photo')),
    ...areIn('origin', given('origin')),
  ])
    for (const row of (await table.query().where(where).select(KNOWN).toArray()) as KnownFace[])
      known.add(row)
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
  return known
}
