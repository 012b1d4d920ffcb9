import type { Metadata } from '../people/metadata.js'
import { personOf } from '../people/person.js'
import { embeddingOf, type PersonRow, type StoredFace } from '../store/rows.js'

/** A line of JSONL or a row of Parquet: a face with its person, or a person without one (`id` and `embedding` are null). */
export interface ExportedRow {
  id: string | null
  person: string
  groups: readonly string[]
  metadata: Metadata
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

export function withoutFace(row: PersonRow): ExportedRow {
  const { name, groups, metadata, added } = personOf(row)
  const none = {
    id: null,
    added: null,
    source: null,
    photo: null,
    embedding: null,
    thumbnail: null,
  }
  return { ...none, person: name, groups, metadata, joined: added }
}

export const withFace = (
  { id, added, source, photo, embedding, thumbnail }: StoredFace,
  person: PersonRow,
): ExportedRow => ({
  ...withoutFace(person),
  id,
  added: new Date(added),
  source,
  photo: photo ?? null, // no such column in galleries of before
  embedding: embeddingOf({ embedding }),
  thumbnail: thumbnail && Uint8Array.from(thumbnail),
})
