import { namesOf } from '../people/find.js'
import { embeddingOf, type StoredFace } from '../store/rows.js'
import { isIn } from '../store/sql.js'
import type { Tables } from '../store/tables.js'
import type { IdentifyOptions } from './identify.js'
import type { Search } from './search.js'

/** A face that is alike another person's. */
export interface Alike {
  readonly face: string
  readonly person: string
  readonly source: string | null
  /** The other person's name. */
  readonly other: string
  /** Cosine with the most similar of the other's faces, */
  readonly similarity: number
  /** which is this one, */
  readonly otherFace: string
  /** from there. */
  readonly otherSource: string | null
}

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
  return faces.flatMap(({ id, person: owner, source }, i) => {
    const person = names.get(owner)
    const other = found[i]!.matches.find(({ name }) => name !== person)
    if (person === undefined || other === undefined) return []
    const { name, similarity, face: otherFace, source: otherSource } = other
    return [{ face: id, person, source, other: name, similarity, otherFace, otherSource }]
  })
}
