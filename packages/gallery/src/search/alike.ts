import { type Alike, alikeOf, type IdentifyOptions } from '@arcface/vision'
import { namesOf } from '../people/find.js'
import { embeddingOf, type StoredFace } from '../store/rows.js'
import { isIn } from '../store/sql.js'
import type { Tables } from '../store/tables.js'
import type { Search } from './search.js'

/** @param options of `identify`: two people, the face's own among them */
export async function alikeIn(
  tables: Tables,
  search: Search,
  ids: readonly string[],
  options: IdentifyOptions,
): Promise<Alike[]> {
  const faces = (await tables.faces
    .query()
    .where(isIn('id', ids))
    .select(['id', 'person', 'source', 'embedding'])
    .toArray()) as StoredFace<'id' | 'person' | 'source'>[]
  if (faces.length === 0) return []
  const names = await namesOf(
    tables,
    faces.map(({ person }) => person),
  )
  const probes = faces.map(embeddingOf)
  const found = await search.identify(tables, probes, options)
  return alikeOf(faces, names, found)
}
