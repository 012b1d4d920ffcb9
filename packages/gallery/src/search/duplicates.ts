import { pairsAbove, sortInTurns, Turns } from '@arcface/recognize'
import { SAME_PICTURE, sharedFloats } from '@arcface/vision'
import { GalleryError } from '../errors.js'
import { namesOf } from '../people/find.js'
import { embeddingsIn } from '../store/rows.js'
import type { Tables } from '../store/tables.js'

/** Pairs that are kept, some 250 MB of them. A threshold that most pairs are above would take all memory. */
const MOST = 1_000_000

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
 * @throws GalleryError GALLERY_USE: more than a million pairs
 */
export async function duplicatesIn(
  tables: Tables,
  dim: number,
  threshold: number,
): Promise<Duplicate[]> {
  const { faces } = tables
  const turns = new Turns()
  const names: FaceName[] = []
  const rows = sharedFloats((await faces.countRows()) * dim)
  const columns = ['id', 'person', 'source', 'embedding']
  for await (const batch of faces
    .query()
    .select(columns)
    .limit(rows.length / dim)) {
    rows.set(embeddingsIn(batch), names.length * dim)
    const [ids, persons, sources] = columns.map((name) => batch.getChild(name)!)
    for (let i = 0; i < batch.numRows; i++) {
      if (turns.over) await turns.next()
      names.push({ id: ids!.get(i), person: persons!.get(i), source: sources!.get(i) })
    }
  }
  const found: Duplicate[] = []
  const owners = new Set<string>()
  const all = rows.subarray(0, names.length * dim)
  await pairsAbove(all, dim, Math.min(threshold, SAME_PICTURE), (i, j, similarity) => {
    const [a, b] = [names[i]!, names[j]!]
    const kind = a.person === b.person ? 'copy' : 'people'
    if (similarity <= (kind === 'copy' ? SAME_PICTURE : threshold)) return
    if (found.length === MOST)
      throw new GalleryError(
        'GALLERY_USE',
        `more than ${MOST} pairs of faces are more similar than ${threshold}`,
        { hint: 'Take a higher threshold: so many are no duplicates.' },
      )
    found.push({ kind, similarity, a, b })
    owners.add(a.person).add(b.person)
  })
  const named = await namesOf(tables, [...owners])
  const withName = (face: FaceName) => ({ ...face, person: named.get(face.person) ?? '' })
  await sortInTurns(found, (x, y) => y.similarity - x.similarity, turns)
  const results: Duplicate[] = []
  for (const pair of found) {
    if (turns.over) await turns.next()
    results.push({ ...pair, a: withName(pair.a), b: withName(pair.b) })
  }
  return results
}
