import type { Consent } from './consent.js'
import type { FaceRow } from './face.js'
import type { Metadata } from './metadata.js'
import { type PersonRow, personOf } from './person.js'

/** A line of JSONL or a row of Parquet: a face with its person, or a person without one (`id` and `embedding` are null). */
export interface ExportedRow {
  id: string | null
  person: string
  groups: readonly string[]
  metadata: Metadata
  /** These two where they are known. */
  consent?: Consent
  retainUntil?: Date
  /** When the person came into the gallery, */
  joined: Date
  /** and the face. */
  added: Date | null
  source: string | null
  /** sha-256 of the photograph's file. */
  photo: string | null
  embedding: Float32Array | null
  thumbnail: Uint8Array | null
}

export function rowWithoutFace(row: PersonRow): ExportedRow {
  const { name, added, ...person } = personOf(row)
  const none = {
    id: null,
    added: null,
    source: null,
    photo: null,
    embedding: null,
    thumbnail: null,
  }
  return { ...none, person: name, ...person, joined: added }
}

export const rowWithFace = (
  {
    id,
    added,
    source,
    photo = null, // no such column in galleries of before
    embedding,
    thumbnail,
  }: Omit<FaceRow, 'person' | 'photo' | 'print' | 'origin'> & { photo?: string | null },
  person: PersonRow,
): ExportedRow => ({
  ...rowWithoutFace(person),
  id,
  added: new Date(added),
  source,
  photo,
  embedding,
  thumbnail,
})

/** As it stands in a line of JSON. @param base64 the runtime's */
export const jsonOfRow = (
  { embedding, thumbnail, ...rest }: ExportedRow,
  base64: (bytes: Uint8Array) => string,
) => ({
  ...rest,
  embedding: embedding && Array.from(embedding),
  thumbnail: thumbnail && base64(thumbnail),
})

/** What a line of JSON says, for `parseRow`. @param bytesOf base64, the runtime's */
export function rowOfJson(value: unknown, bytesOf: (base64: string) => Uint8Array): unknown {
  const { thumbnail } = (value ?? {}) as { thumbnail?: unknown }
  return typeof thumbnail === 'string'
    ? { ...(value as object), thumbnail: bytesOf(thumbnail) }
    : value
}
