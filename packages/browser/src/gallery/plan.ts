import {
  type Description,
  type Enrolled,
  KnownFaces,
  type NewFace,
  type NewPerson,
  type PersonRow,
  planEnrolment,
  planPeople,
  visibleName,
} from '@arcface/vision'
import type { Change, ChangedFace } from './change.js'
import type { HeldGallery } from './held.js'
import { normalName, refuse } from './rules.js'

/** What a call changes of a gallery, and what it returns then. */
export interface Plan<T> {
  readonly change: Change
  readonly result: T
}

/** Throws PERSON, USE. */
export function findPerson(held: HeldGallery, where: string, name: string) {
  const clean = normalName(name)
  const found = held.person(clean)
  if (found) return found
  throw refuse('PERSON', `${where}: nobody is called ${JSON.stringify(visibleName(clean))}`)
}

/** Throws FACE. */
export function findFace(held: HeldGallery, where: string, id: string): number {
  const row = held.rowOf(id)
  if (row !== undefined) return row
  throw refuse('FACE', `${where}: no face has the id ${JSON.stringify(id.slice(0, 80))}`, {
    hint: '`faces` of a person names their ids.',
  })
}

const momentOf = (held: HeldGallery, names: readonly string[]) => ({
  people: new Map(
    names.flatMap((name) => {
      const found = held.person(name)
      return found ? [[name, found.person] as const] : []
    }),
  ),
  now: Date.now(),
  newId: () => crypto.randomUUID(),
})

/** @param faces checked @param prints of their embeddings */
export function enrolling(
  held: HeldGallery,
  faces: readonly NewFace[],
  prints: readonly string[],
): Plan<Enrolled[]> {
  const known = knownOf(held, faces, prints)
  const moment = momentOf(
    held,
    faces.map(({ person }) => person),
  )
  const plan = planEnrolment(faces, prints, known, moment)
  // One that another of the same call replaces never comes.
  const gone = new Set(plan.gone)
  const added = plan.faces.filter(({ id }) => !gone.has(id))
  const rows = plan.gone.flatMap((id) => held.rowOf(id) ?? [])
  return {
    change: {
      people: plan.people,
      faces: added.map(({ groups: _, embedding, thumbnail, ...face }) => ({
        face: { ...face, thumbnail: null },
        embedding,
        picture: thumbnail,
      })),
      gone: goneFaces(held, rows),
    },
    result: [...plan.results],
  }
}

/** Faces that may be the same as these. */
function knownOf(
  held: HeldGallery,
  faces: readonly NewFace[],
  prints: readonly string[],
): KnownFaces {
  const known = new KnownFaces(refuse)
  const content = new Set([...prints, ...faces.flatMap(({ photo }) => photo ?? [])])
  const ids = new Set(faces.flatMap(({ id }) => id ?? []))
  const origins = new Set(faces.flatMap(({ origin }) => origin ?? []))
  for (const [, face] of held.stored())
    if (
      content.has(face.print!) ||
      ids.has(face.id) ||
      (face.photo !== null && content.has(face.photo)) ||
      (face.origin !== null && origins.has(face.origin))
    )
      known.add(face)
  return known
}

export function addingPeople(held: HeldGallery, people: readonly NewPerson[]): Plan<number> {
  const moment = momentOf(
    held,
    people.map(({ name }) => name),
  )
  const rows = planPeople(people, moment)
  return { change: { people: rows }, result: rows.length }
}

export function describing(
  held: HeldGallery,
  where: string,
  name: string,
  { groups, metadata }: Description,
): Plan<void> {
  const { row, person } = findPerson(held, where, name)
  const described: PersonRow = {
    ...person,
    ...(groups && { groups: [...groups] }),
    ...(metadata && { metadata: JSON.stringify(metadata) }),
  }
  return { change: { people: [described], gone: { people: [row] } }, result: undefined }
}

/** @param to as it is stored */
export function renaming(held: HeldGallery, where: string, name: string, to: string): Plan<void> {
  const { row, person } = findPerson(held, where, name)
  if (held.person(to))
    throw refuse('PERSON_EXISTS', `${where}: ${to} is there already; merge ${name} into it`)
  const renamed = { ...person, name: to }
  return { change: { people: [renamed], gone: { people: [row] } }, result: undefined }
}

export function merging(held: HeldGallery, where: string, name: string, into: string): Plan<void> {
  const from = findPerson(held, where, name)
  const to = findPerson(held, where, into)
  if (from.row === to.row) throw refuse('PERSON_EXISTS', `${name} and ${into} are the same person`)
  const rows = [...held.rowsOf(from.person.id)]
  const { faces, gone } = moved(held, rows, to.person)
  return { change: { faces, gone: { ...gone, people: [from.row] } }, result: undefined }
}

export function movingFaces(
  held: HeldGallery,
  where: string,
  ids: readonly string[],
  to: string,
): Plan<void> {
  const { person } = findPerson(held, where, to)
  const rows = [...new Set(ids)].map((id) => findFace(held, where, id))
  return { change: moved(held, rows, person), result: undefined }
}

export function deletingPeople(
  held: HeldGallery,
  where: string,
  names: readonly string[],
): Plan<void> {
  const found = new Map(
    names.map((name) => findPerson(held, where, name)).map((one) => [one.row, one.person]),
  )
  const rows = [...found.values()].flatMap(({ id }) => [...held.rowsOf(id)])
  return {
    change: { gone: { ...goneFaces(held, rows), people: [...found.keys()] } },
    result: undefined,
  }
}

/** Ids that are not there are passed over. */
export function deletingFaces(held: HeldGallery, ids: readonly string[]): Plan<number> {
  const rows = [...new Set(ids)].flatMap((id) => held.rowOf(id) ?? [])
  return { change: { gone: goneFaces(held, rows) }, result: rows.length }
}

const goneFaces = (held: HeldGallery, faces: readonly number[]) => ({
  faces,
  thumbnails: faces.flatMap((row) => held.at(row).thumbnail ?? []),
})

/** Faces in new rows, under another person; their pictures stay. */
function moved(held: HeldGallery, rows: readonly number[], { id: person }: PersonRow) {
  const faces = rows.map(
    (row): ChangedFace => ({
      face: { ...held.at(row), person },
      // A copy: what is held turns to zeros when its row is gone.
      embedding: held.faces.embedding(row).slice(),
    }),
  )
  return { faces, gone: { faces: rows } }
}
