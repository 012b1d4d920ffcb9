import { z } from 'zod'
import type { ConsentRules, Keeping } from './consent.js'
import { FACE_ID, type FaceRules, type NewFace } from './face.js'
import { type MetadataRules, metadataOf } from './metadata.js'
import { issueOf } from './model.js'
import { visibleName } from './names.js'
import type { NewPerson } from './person.js'
import type { GalleryRefusal } from './refuse.js'

const date = z.preprocess(
  (value) => (typeof value === 'string' ? new Date(value) : value),
  z.date({ error: 'no date' }),
)

/** A row of any format: what an older one has not is undefined. */
const schema = z.object({
  id: z.string().regex(FACE_ID).nullish(),
  person: z.string(),
  groups: z.array(z.string()),
  metadata: z.unknown().transform(metadataOf),
  joined: date.nullish(),
  added: date.nullish(),
  consent: z
    .object({
      basis: z.string(),
      at: date,
      evidence: z.string().nullish(),
      expires: date.nullish(),
    })
    .nullish(),
  retainUntil: date.nullish(),
  source: z.string().nullish(),
  photo: z.string().nullish(),
  embedding: z.array(z.number()).nullish(),
  thumbnail: z.instanceof(Uint8Array).nullish(),
})

export interface ParsedRow {
  readonly person: NewPerson
  /** Undefined: a person without one. */
  readonly face: (NewFace & { readonly id: string }) | undefined
}

function keepingIn({ consent, retainUntil }: z.output<typeof schema>): Keeping {
  if (!consent) return retainUntil ? { retainUntil } : {}
  const { basis, at, evidence, expires } = consent
  return {
    consent: { basis, at, ...(evidence && { evidence }), ...(expires && { expires }) },
    ...(retainUntil && { retainUntil }),
  }
}

export const parseRules = (
  refuse: GalleryRefusal,
  { checkMetadata }: MetadataRules,
  { checkKeeping }: ConsentRules,
  { checkEmbedding }: FaceRules,
) => ({
  /**
   * A row of an exported file, to be added; names and groups that could be stored before what cannot be seen was refused
   * have it written out. Throws FORMAT, EMBEDDING (not of the gallery's length, or not of length 1).
   */
  parseRow(value: unknown, where: string, dim: number): ParsedRow {
    const wrong = (why: string, cause?: unknown) => refuse('FORMAT', `${where}: ${why}`, { cause })
    const parsed = schema.safeParse(value)
    if (!parsed.success) throw wrong(issueOf(parsed.error))
    const { id, embedding, source, photo, thumbnail, added, joined, metadata } = parsed.data
    let keeping: Keeping
    try {
      checkMetadata(metadata)
      keeping = checkKeeping(keepingIn(parsed.data))
    } catch (error) {
      throw wrong((error as Error).message, error)
    }
    const name = visibleName(parsed.data.person)
    const person = {
      name,
      groups: parsed.data.groups.map(visibleName),
      metadata,
      ...(joined && { added: joined }),
      ...keeping,
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
    if (face) checkEmbedding(face.embedding, dim, where)
    return { person, face: face || undefined }
  },
})
