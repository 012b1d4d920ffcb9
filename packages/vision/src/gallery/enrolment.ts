import type { Enrolled, FaceRow, NewFace } from './face.js'
import type { KnownFaces } from './known.js'
import { type NewPerson, type PersonRow, personRow } from './person.js'

/** A gallery at the moment of a write, and what new rows get. */
export interface Moment {
  /** By name, of those to be added those who are there; the new ones are put in. */
  readonly people: Map<string, PersonRow>
  /** Milliseconds since 1970. */
  readonly now: number
  readonly newId: () => string
}

/** What a write adds and takes away. */
export interface Enrolment {
  readonly people: readonly PersonRow[]
  readonly faces: readonly (FaceRow & { readonly groups: readonly string[] })[]
  /** Ids of faces that others replace. */
  readonly gone: readonly string[]
  readonly results: readonly Enrolled[]
}

/** People of these who are not there. */
export function planPeople(people: readonly NewPerson[], moment: Moment): PersonRow[] {
  const rows: PersonRow[] = []
  for (const one of people) {
    if (moment.people.has(one.name)) continue
    const row = personRow(moment.newId(), one, moment.now)
    moment.people.set(row.name, row)
    rows.push(row)
  }
  return rows
}

/**
 * Of checked faces those that are not there, by content, and people for them.
 * @param prints of the embeddings, see `FaceRow`
 */
export function planEnrolment(
  faces: readonly NewFace[],
  prints: readonly string[],
  known: KnownFaces,
  moment: Moment,
): Enrolment {
  const people: PersonRow[] = []
  const rows: Enrolment['faces'][number][] = []
  const results: Enrolled[] = []
  for (const [i, face] of faces.entries()) {
    const print = prints[i]!
    const there = known.same(face, print, moment.people.get(face.person)?.id)
    if (there !== undefined) {
      results.push({ id: there, added: false, replaced: [] })
      continue
    }
    const { person: name, groups, metadata, consent, retainUntil } = face
    const described = {
      ...(groups && { groups }),
      ...(metadata && { metadata }),
      ...(consent && { consent }),
      ...(retainUntil && { retainUntil }),
    }
    people.push(...planPeople([{ name, ...described }], moment))
    const person = moment.people.get(name)!
    const row = {
      id: face.id ?? moment.newId(),
      person: person.id,
      groups: Array.from(person.groups),
      embedding: face.embedding,
      source: face.source ?? null,
      thumbnail: face.thumbnail ?? null,
      added: face.added?.getTime() ?? moment.now,
      photo: face.photo ?? null,
      print,
      origin: face.origin ?? null,
    }
    const replaced = known.replacedBy(row)
    known.add(row)
    rows.push(row)
    results.push({ id: row.id, added: true, replaced })
  }
  return { people, faces: rows, gone: results.flatMap(({ replaced }) => replaced), results }
}
