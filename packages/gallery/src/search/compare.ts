import { type Compared, closer, cosine } from '@arcface/vision'
import { findPerson } from '../people/find.js'
import { faceless, noFace } from '../rules.js'
import { embeddingOf, type StoredFace } from '../store/rows.js'
import { areIn, isIn } from '../store/sql.js'
import type { Tables } from '../store/tables.js'

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
    for (const face of batch as Iterable<StoredFace<'id' | 'source'>>)
      best = closer(best, embedding, { ...face, embedding: embeddingOf(face) })
  if (best) return best
  throw faceless(name)
}

/** The cosine with one face of the gallery. @throws GalleryError GALLERY_FACE */
export async function compareFaceIn(
  tables: Tables,
  id: string,
  embedding: Float32Array,
): Promise<number> {
  const [face] = (await tables.faces
    .query()
    .where(isIn('id', [id]))
    .select(['embedding'])
    .toArray()) as StoredFace<never>[]
  if (face === undefined) throw noFace(tables.called, id)
  return cosine(embeddingOf(face), embedding)
}

/** All faces of these people beside each embedding: id, person's id, cosine. */
export async function facesBesideIn(
  tables: Tables,
  people: readonly string[],
  embeddings: readonly Float32Array[],
): Promise<{ id: string; person: string; source: string | null; similarities: number[] }[]> {
  const found = []
  for (const where of areIn('person', people))
    for await (const batch of tables.faces
      .query()
      .where(where)
      .select(['id', 'person', 'source', 'embedding']))
      for (const face of batch as Iterable<StoredFace<'id' | 'person' | 'source'>>) {
        const { id, person, source } = face
        const one = embeddingOf(face)
        const similarities = embeddings.map((probe) => cosine(one, probe))
        found.push({ id, person, source, similarities })
      }
  return found
}
