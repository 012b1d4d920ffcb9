import { pairsAbove } from '@arcface/recognize'
import { SAME_PICTURE } from '../faces/known.js'
import type { PersonRow, StoredFace } from '../store/rows.js'
import { isIn } from '../store/sql.js'
import type { Tables } from '../store/tables.js'

/** A pair of faces that is worth a look. */
export interface Duplicate {
  /** `copy`: the same picture twice. `people`: alike, but under two people. */
  readonly kind: 'copy' | 'people'
  /** Cosine. */
  readonly similarity: number
  readonly a: FaceName
  readonly b: FaceName
}

export interface FaceName {
  readonly id: string
  readonly person: string
  readonly source: string | null
}

/**
 * Pictures enrolled twice for a person, and faces above the threshold that lie under two people.
 * Every face is compared with every other, in memory.
 */
export async function duplicatesIn(
  { faces, people }: Tables,
  dim: number,
  threshold: number,
): Promise<Duplicate[]> {
  const names: { id: string; person: string; source: string | null }[] = []
  const rows = new Float32Array((await faces.countRows()) * dim)
  const columns = ['id', 'person', 'source', 'embedding']
  for await (const batch of faces
    .query()
    .select(columns)
    .limit(rows.length / dim))
    for (const { id, person, source, embedding } of batch as Iterable<
      StoredFace<'id' | 'person' | 'source'>
    >) {
      rows.set(embedding.toArray(), names.length * dim)
      names.push({ id, person, source })
    }
  const found: Duplicate[] = []
  const all = rows.subarray(0, names.length * dim)
  await pairsAbove(all, dim, Math.min(threshold, SAME_PICTURE), (i, j, similarity) => {
    const [a, b] = [names[i]!, names[j]!]
    if (a.person !== b.person) {
      if (similarity > threshold) found.push({ kind: 'people', similarity, a, b })
    } else if (similarity > SAME_PICTURE) found.push({ kind: 'copy', similarity, a, b })
  })
  const ids = [...new Set(found.flatMap(({ a, b }) => [a.person, b.person]))]
  const named = new Map<string, string>()
  for (let i = 0; i < ids.length; i += 1000)
    for (const { id, name } of (await people
      .query()
      .where(isIn('id', ids.slice(i, i + 1000)))
      .select(['id', 'name'])
      .toArray()) as Pick<PersonRow, 'id' | 'name'>[])
      named.set(id, name)
  const withName = (face: FaceName) => ({ ...face, person: named.get(face.person) ?? '' })
  return found
    .sort((x, y) => y.similarity - x.similarity)
    .map((pair) => ({ ...pair, a: withName(pair.a), b: withName(pair.b) }))
}
