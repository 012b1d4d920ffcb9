import { cosine } from '@arcface/vision'
import { findPerson } from '../people/find.js'
import { embeddingOf, type StoredFace } from '../store/rows.js'
import { isIn } from '../store/sql.js'
import type { Tables } from '../store/tables.js'

/** How well a face fits those that its person has beside it. */
export interface Fit {
  readonly face: string
  /** Cosine with the mean of the person's other faces; null for an only one. */
  readonly similarity: number | null
}

/** @throws GalleryError GALLERY_PERSON, GALLERY_USE */
export async function fitIn(tables: Tables, name: string): Promise<Fit[]> {
  const { id } = await findPerson(tables, name)
  const faces = (
    (await tables.faces
      .query()
      .where(isIn('person', [id]))
      .select(['id', 'embedding'])
      .toArray()) as StoredFace<'id'>[]
  ).map((face) => ({ id: face.id, embedding: embeddingOf(face) }))
  const sum = new Float64Array(tables.model.dim)
  for (const { embedding } of faces) for (const [i, value] of embedding.entries()) sum[i]! += value
  return faces.map(({ id, embedding }) => {
    if (faces.length === 1) return { face: id, similarity: null }
    const others = Float32Array.from(sum, (value, i) => value - embedding[i]!)
    // Of faces that lie against each other there is no mean.
    const hasMean = Math.hypot(...others) > 1e-6
    return { face: id, similarity: hasMean ? cosine(embedding, others) : 0 }
  })
}
