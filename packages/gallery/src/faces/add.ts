import { randomUUID } from 'node:crypto'
import { findPeople } from '../people/find.js'
import { newPerson } from '../people/new.js'
import type { FaceRow, PersonRow } from '../store/rows.js'
import { isIn } from '../store/sql.js'
import { type Tables, widen } from '../store/tables.js'
import { printOf } from './content.js'
import { Known } from './known.js'
import type { Enrolled, NewFace } from './new.js'

/**
 * Adds the faces that are not there, and people for them: people first, so that where only that is done nothing is lost.
 * What is there is decided here, under the writer's lock, by content: what another process has added a moment ago counts.
 */
export async function addIn(tables: Tables, faces: readonly NewFace[]): Promise<Enrolled[]> {
  await widen(tables.faces)
  const prints = faces.map(({ embedding }) => printOf(embedding))
  const people = await findPeople(tables, [...new Set(faces.map(({ person }) => person))])
  const known = await Known.read(tables, faces, prints, people)
  const now = Date.now()
  const newPeople: PersonRow[] = []
  const newFaces: FaceRow[] = []
  const results: Enrolled[] = []
  for (const [i, face] of faces.entries()) {
    const print = prints[i]!
    const there = known.same(face, print, people.get(face.person)?.id)
    if (there !== undefined) {
      results.push({ id: there, added: false, replaced: [] })
      continue
    }
    let person = people.get(face.person)
    if (person === undefined) {
      const { groups, metadata } = face
      person = newPerson(
        { name: face.person, ...(groups && { groups }), ...(metadata && { metadata }) },
        now,
      )
      people.set(face.person, person)
      newPeople.push(person)
    }
    const row: FaceRow = {
      id: face.id ?? randomUUID(),
      person: person.id,
      groups: Array.from(person.groups),
      embedding: face.embedding,
      source: face.source ?? null,
      thumbnail: face.thumbnail ?? null,
      added: face.added?.getTime() ?? now,
      photo: face.photo ?? null,
      print,
      origin: face.origin ?? null,
    }
    const replaced = known.replacedBy(row)
    known.add(row)
    newFaces.push(row)
    results.push({ id: row.id, added: true, replaced })
  }
  if (newPeople.length > 0) await tables.people.add(newPeople.map((row) => ({ ...row })))
  if (newFaces.length > 0) await tables.faces.add(newFaces.map((row) => ({ ...row })))
  const gone = results.flatMap(({ replaced }) => replaced)
  if (gone.length > 0) await tables.faces.delete(isIn('id', gone))
  return results
}
