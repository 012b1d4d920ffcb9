import { cosine } from '@arcface/vision'
import { GalleryError } from '../errors.js'
import { findPerson } from '../people/find.js'
import { embeddingOf, type StoredFace } from '../store/rows.js'
import { isIn } from '../store/sql.js'
import type { Tables } from '../store/tables.js'

/** A face beside those of one person. */
export interface Compared {
  /** Cosine with the most similar of them, */
  readonly similarity: number
  /** which is this one, */
  readonly face: string
  /** from there. */
  readonly source: string | null
  /** Faces that were compared. */
  readonly faces: number
}

/** @throws GalleryError GALLERY_PERSON: nobody has the name, or the person has no face */
export async function compareIn(
  tables: Tables,
  person: string,
  embedding: Float32Array,
): Promise<Compared> {
  const { id, name } = await findPerson(tables, person)
  let best: Compared | undefined
  for await (const batch of tables.faces
    .query()
    .where(isIn('person', [id]))
    .select(['id', 'source', 'embedding']))
    for (const face of batch as Iterable<StoredFace<'id' | 'source'>>) {
      const similarity = cosine(embeddingOf(face), embedding)
      const faces: number = (best?.faces ?? 0) + 1
      best =
        best && best.similarity >= similarity
          ? { ...best, faces }
          : { similarity, face: face.id, source: face.source, faces }
    }
  if (best) return best
  throw new GalleryError('GALLERY_PERSON', `${JSON.stringify(name)} has no face to compare with`)
}
