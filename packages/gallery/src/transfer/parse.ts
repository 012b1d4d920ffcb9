import { z } from 'zod'
import { GalleryError } from '../errors.js'
import { FACE_ID, type NewFace } from '../faces/new.js'
import { checkMetadata, metadataOf } from '../people/metadata.js'
import { visibleName } from '../people/names.js'
import type { NewPerson } from '../people/new.js'
import { issueOf } from '../store/model.js'

const date = z.preprocess(
  (value) => (typeof value === 'string' ? new Date(value) : value),
  z.date({ error: 'no date' }),
)

/** A row of any format: what an older one has not is undefined. */
const row = z.object({
  id: z.string().regex(FACE_ID).nullish(),
  person: z.string(),
  groups: z.array(z.string()),
  metadata: z.unknown().transform((value) => checkMetadata(metadataOf(value))),
  joined: date.nullish(),
  added: date.nullish(),
  source: z.string().nullish(),
  photo: z.string().nullish(),
  embedding: z.array(z.number()).nullish(),
  thumbnail: z.instanceof(Uint8Array).nullish(),
})

/** Metadata have errors of their own. */
function parsing(value: unknown, wrong: (why: string, cause: unknown) => Error) {
  try {
    return row.safeParse(value)
  } catch (error) {
    throw error instanceof GalleryError ? wrong(error.message, error) : error
  }
}

export interface ParsedRow {
  person: NewPerson
  /** Undefined: a person without one. */
  face: (NewFace & { id: string }) | undefined
}

/** A row of an exported file, to be added. @throws GalleryError GALLERY_FORMAT */
export function parseRow(value: unknown, where: string): ParsedRow {
  const wrong = (why: string, cause?: unknown) =>
    new GalleryError('GALLERY_FORMAT', `${where}: ${why}`, { cause })
  const parsed = parsing(value, wrong)
  if (!parsed.success) throw wrong(issueOf(parsed.error))
  const { id, embedding, source, photo, thumbnail, added, joined, metadata } = parsed.data
  const name = visibleName(parsed.data.person)
  const person = {
    name,
    groups: parsed.data.groups.map(visibleName),
    metadata,
    ...(joined && { added: joined }),
  }
  if (!id !== !embedding) throw wrong('a face has an id and an embedding')
  const face = id &&
    embedding && {
      id,
      person: name,
      embedding: Float32Array.from(embedding),
      ...(source && { source }),
      ...(photo && { photo }),
      ...(thumbnail && { thumbnail }),
      ...(added && { added }),
    }
  return { person, face: face || undefined }
}
