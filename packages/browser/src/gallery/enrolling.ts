import {
  type Enrolled,
  KnownFaces,
  type NewFace,
  type NewPerson,
  planEnrolment,
  planPeople,
} from '@arcface/vision'
import { goneFaces, type Plan } from './change.js'
import type { HeldGallery } from './held.js'
import { refuse } from './rules.js'

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
