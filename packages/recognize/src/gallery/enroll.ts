import { randomUUID } from 'node:crypto'
import { RecognizeError } from '../errors.js'
import { checkMetadata, type Metadata } from './metadata.js'
import { cleanName, kindOf, listOf, textsOf } from './names.js'
import { type FaceRow, isIn, type PersonRow, type Tables } from './tables.js'

/** Names that one query asks for. */
const NAMES = 1000
/** |embedding| may differ from 1 by so much. */
const TOLERANCE = 1e-3
/** Of a face: it may become the name of a file. */
export const FACE_ID = /^[0-9a-zA-Z-]{1,64}$/

export interface NewFace {
  /** Up to 64 letters (a to z), digits and hyphens. Default: a new one. */
  readonly id?: string
  /** The person's name; who is not there yet is made. */
  readonly person: string
  /** L2-normalised, of the gallery's length. */
  readonly embedding: Float32Array
  /** Where the face comes from, as `exists` asks for it. */
  readonly source?: string
  /** A small picture, encoded. */
  readonly thumbnail?: Uint8Array
  /** Of a new person; those of one who is there are left as they are (see `describe`). */
  readonly groups?: readonly string[]
  /** Anything that JSON can hold; of a new person, as `groups`. */
  readonly metadata?: Metadata
}

/**
 * Names and embeddings as they are stored.
 * @throws RecognizeError RECOGNIZE_EMBEDDING, GALLERY_NAME, RECOGNIZE_USE (an id, or no such thing at all)
 */
export function checkFaces(faces: readonly NewFace[], dim: number): NewFace[] {
  return listOf(faces, 'faces').map((face) => {
    const person = cleanName(face.person)
    const { id, source, thumbnail } = face
    checkEmbedding(face.embedding, dim, source ?? person)
    if (id !== undefined) checkId(id)
    if (source !== undefined) textsOf([source], 'source')
    if (thumbnail !== undefined && !(thumbnail instanceof Uint8Array))
      throw new RecognizeError('RECOGNIZE_USE', `thumbnail: bytes, not ${kindOf(thumbnail)}`)
    return {
      ...face,
      person,
      ...(face.groups && { groups: cleanGroups(face.groups) }),
      ...(face.metadata !== undefined && { metadata: checkMetadata(face.metadata) }),
    }
  })
}

function checkId(id: string): void {
  if (typeof id === 'string' && FACE_ID.test(id)) return
  const what = typeof id === 'string' ? JSON.stringify(id.slice(0, 80)) : kindOf(id)
  throw new RecognizeError(
    'RECOGNIZE_USE',
    `${what} is no id of a face: letters a to z, digits and hyphens, up to 64`,
  )
}

export const cleanGroups = (groups: readonly string[]) =>
  [...new Set(textsOf(groups, 'groups').map((group) => cleanName(group, 'a group')))].sort()

export function checkEmbedding(embedding: Float32Array, dim: number, what: string): void {
  if (!(embedding instanceof Float32Array))
    throw new RecognizeError(
      'RECOGNIZE_EMBEDDING',
      `${what}: an embedding is a Float32Array, not ${kindOf(embedding)}`,
    )
  if (embedding.length !== dim)
    throw new RecognizeError(
      'RECOGNIZE_EMBEDDING',
      `${what}: an embedding of ${embedding.length} numbers; the gallery's have ${dim}`,
    )
  let square = 0
  for (const value of embedding) square += value * value
  if (!(Math.abs(Math.sqrt(square) - 1) <= TOLERANCE))
    throw new RecognizeError(
      'RECOGNIZE_EMBEDDING',
      `${what}: its embedding has length ${Math.sqrt(square)}, not 1; L2-normalise it`,
    )
}

/** Adds people who are not there, then the faces: if only the first is done, nothing is lost. */
export async function enrollIn(tables: Tables, faces: readonly NewFace[]): Promise<string[]> {
  const people = await findPeople(tables, [...new Set(faces.map(({ person }) => person))])
  const added = Date.now()
  const fresh: PersonRow[] = []
  for (const { person, groups = [], metadata = {} } of faces) {
    if (people.has(person)) continue
    const text = JSON.stringify(metadata)
    const row = { id: randomUUID(), name: person, groups: [...groups], metadata: text, added }
    people.set(person, row)
    fresh.push(row)
  }
  if (fresh.length > 0) await tables.people.add(fresh.map((row) => ({ ...row })))
  const rows: FaceRow[] = faces.map(({ id: given, person, embedding, source, thumbnail }) => {
    const { id, groups } = people.get(person)!
    return {
      id: given ?? randomUUID(),
      person: id,
      groups: Array.from(groups),
      embedding,
      source: source ?? null,
      thumbnail: thumbnail ?? null,
      added,
    }
  })
  await tables.faces.add(rows.map((row) => ({ ...row })))
  return rows.map(({ id }) => id)
}

/** Rows of those of these names who are there. */
export async function findPeople(
  { people }: Tables,
  names: readonly string[],
): Promise<Map<string, PersonRow>> {
  const found = new Map<string, PersonRow>()
  for (let i = 0; i < names.length; i += NAMES) {
    const where = isIn('name', names.slice(i, i + NAMES))
    for (const row of (await people.query().where(where).toArray()) as PersonRow[])
      found.set(row.name, row)
  }
  return found
}
