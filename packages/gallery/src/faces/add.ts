import { randomUUID } from 'node:crypto'
import { cosine } from '@arcface/vision'
import { GalleryError } from '../errors.js'
import {
  embeddingOf,
  type FaceRow,
  isIn,
  type PersonRow,
  type StoredFace,
  type Tables,
  widen,
} from '../store/tables.js'
import { printOf } from './content.js'
import type { Enrolled, NewFace, NewPerson } from './enroll.js'

/** Texts that one query asks for. */
const ASKED = 1000
/** Two embeddings from here on are taken for the same picture's. */
export const SAME_PICTURE = 0.999

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

/** Adds those people who are not there. @returns how many */
export async function addPeopleIn(tables: Tables, people: readonly NewPerson[]): Promise<number> {
  const there = await findPeople(tables, [...new Set(people.map(({ name }) => name))])
  const now = Date.now()
  const rows: PersonRow[] = []
  for (const one of people) {
    if (there.has(one.name)) continue
    const row = newPerson(one, now)
    there.set(row.name, row)
    rows.push(row)
  }
  if (rows.length > 0) await tables.people.add(rows.map((row) => ({ ...row })))
  return rows.length
}

const newPerson = (
  { name, groups = [], metadata = {}, added }: NewPerson,
  now: number,
): PersonRow => ({
  id: randomUUID(),
  name,
  groups: [...groups],
  metadata: JSON.stringify(metadata),
  added: added?.getTime() ?? now,
})

/** Rows of those of these names who are there. */
export async function findPeople(
  { people }: Tables,
  names: readonly string[],
): Promise<Map<string, PersonRow>> {
  const found = new Map<string, PersonRow>()
  for (const where of wheres('name', names))
    for (const row of (await people.query().where(where).toArray()) as PersonRow[])
      found.set(row.name, row)
  return found
}

type KnownFace = Pick<FaceRow, 'id' | 'person' | 'photo' | 'print' | 'origin'>
const KNOWN = ['id', 'person', 'photo', 'print', 'origin']

/** Faces that are there and may be the same as those to be added. */
class Known {
  private readonly byId = new Map<string, KnownFace>()
  private readonly byContent = new Map<string, KnownFace[]>()
  private readonly byOrigin = new Map<string, KnownFace[]>()
  /** Of people, without hashes: from a time when there were none. */
  private readonly old: { id: string; person: string; embedding: Float32Array }[] = []

  static async read(
    { faces: table }: Tables,
    faces: readonly NewFace[],
    prints: readonly string[],
    people: ReadonlyMap<string, PersonRow>,
  ): Promise<Known> {
    const known = new Known()
    const given = (key: 'id' | 'photo' | 'origin') => faces.flatMap((face) => face[key] ?? [])
    for (const where of [
      ...wheres('id', given('id')),
      ...wheres('print', prints),
      ...wheres('photo', given('photo')),
      ...wheres('origin', given('origin')),
    ])
      for (const row of (await table.query().where(where).select(KNOWN).toArray()) as KnownFace[])
        if (!known.byId.has(row.id)) known.add(row)
    for (const where of wheres(
      'person',
      [...people.values()].map(({ id }) => id),
    ))
      for await (const batch of table
        .query()
        .where(`print IS NULL AND ${where}`)
        .select(['id', 'person', 'embedding']))
        for (const face of batch as Iterable<StoredFace<'id' | 'person'>>)
          known.old.push({ id: face.id, person: face.person, embedding: embeddingOf(face) })
    return known
  }

  add(face: KnownFace): void {
    this.byId.set(face.id, face)
    for (const content of [face.photo, face.print]) if (content) push(this.byContent, content, face)
    if (face.origin) push(this.byOrigin, face.origin, face)
  }

  /**
   * The id of the face that this one is already: of the person, or of somebody else's (who was called otherwise then) if
   * it comes from the same file.
   * @throws GalleryError GALLERY_USE: the id is another face's
   */
  same(face: NewFace, print: string, person: string | undefined): string | undefined {
    const { photo, origin } = face
    const alike = [...this.of(photo), ...this.of(print)]
    const there =
      alike.find((one) => one.person === person) ??
      this.old.find(
        (one) => one.person === person && cosine(one.embedding, face.embedding) > SAME_PICTURE,
      ) ??
      (origin !== undefined && photo !== undefined
        ? this.of(photo).find((one) => one.origin === origin)
        : undefined)
    if (there !== undefined) return there.id
    const taken = face.id === undefined ? undefined : this.byId.get(face.id)
    if (taken === undefined) return undefined
    if (taken.print === print) return taken.id // moved or renamed since
    throw new GalleryError('GALLERY_USE', `the id ${face.id} is another face's`)
  }

  /** Faces of the same person from the same path and of another photograph. */
  replacedBy({ person, photo, origin }: KnownFace): string[] {
    const before = origin === null || photo === null ? [] : (this.byOrigin.get(origin) ?? [])
    return before.filter((one) => one.person === person && one.photo !== photo).map(({ id }) => id)
  }

  private of(content: string | undefined): KnownFace[] {
    return content === undefined ? [] : (this.byContent.get(content) ?? [])
  }
}

/** A photograph that has a face here. */
export interface KnownPhoto {
  /** The person's name. */
  readonly person: string
  readonly origin: string | null
}

/** Of these photographs (sha-256 of their files) those that have faces. */
export async function photographsIn(
  { faces, people }: Tables,
  photos: readonly string[],
): Promise<Map<string, KnownPhoto[]>> {
  const rows: KnownFace[] = []
  const { fields } = await faces.schema()
  if (fields.some(({ name }) => name === 'photo'))
    for (const where of wheres('photo', photos))
      rows.push(...((await faces.query().where(where).select(KNOWN).toArray()) as KnownFace[]))
  const names = new Map<string, string>()
  for (const where of wheres('id', [...new Set(rows.map(({ person }) => person))]))
    for (const { id, name } of (await people
      .query()
      .where(where)
      .select(['id', 'name'])
      .toArray()) as PersonRow[])
      names.set(id, name)
  const found = new Map<string, KnownPhoto[]>()
  for (const { photo, person, origin } of rows)
    push(found, photo!, { person: names.get(person) ?? '', origin })
  return found
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key)
  if (list) list.push(value)
  else map.set(key, [value])
}

/** Conditions that together ask for all of these. */
function* wheres(column: string, values: readonly string[]): Generator<string> {
  for (let i = 0; i < values.length; i += ASKED) yield isIn(column, values.slice(i, i + ASKED))
}
