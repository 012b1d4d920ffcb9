import { type Compared, closer } from '@arcface/vision'
import { findPerson } from '../people/find.js'
import { faceless } from '../rules.js'
import { embeddingOf, type StoredFace } from '../store/rows.js'
import { isIn } from '../store/sql.js'
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
