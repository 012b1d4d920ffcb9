import { type People, THUMBNAIL } from '@arcface/data'
import { joinRows } from '../../embeddings/rows.js'
import type { Finding } from '../../suspects/format.js'
import type { PairsAbove } from '../../threshold/across.js'
import { ALIKE } from '../near.js'
import { placed, rounded } from './finding.js'
import type { Angles } from './labels.js'
import type { Looked } from './look.js'

/**
 * Groups of images that are one picture, by their thumbnails. The first of a group is the one to keep: of one person the
 * sharpest, of several the one that is nearest to its own person.
 */
export async function copies(
  set: People,
  { thumbs, places, texture }: Looked,
  { own }: Angles,
  pairsAbove: PairsAbove,
): Promise<Finding[]> {
  const parent = Int32Array.from(places.keys())
  const root = (row: number) => {
    while (parent[row] !== row) row = parent[row] = parent[parent[row]!]!
    return row
  }
  const pairs: [row: number, likeness: number][] = []
  await pairsAbove(thumbs, THUMBNAIL, ALIKE, (i, j, likeness) => {
    parent[root(i)] = root(j)
    pairs.push([i, likeness])
  })
  const groups = new Map<number, { rows: Set<number>; likeness: number }>()
  for (const [row] of parent.entries()) {
    const top = root(row)
    const group = groups.get(top) ?? { rows: new Set(), likeness: 1 }
    group.rows.add(row)
    groups.set(top, group)
  }
  for (const [row, likeness] of pairs) {
    const group = groups.get(root(row))!
    group.likeness = Math.min(group.likeness, likeness)
  }
  return [...groups.values()]
    .filter(({ rows }) => rows.size > 1)
    .map(({ rows, likeness }) => {
      const people = new Set([...rows].map((row) => set.samples[places[row]!]!.label)).size
      const best = (row: number) => (people > 1 ? -own[row]! : texture[row]!.sharpness)
      const images = [...rows].sort((a, b) => best(b) - best(a) || a - b)
      const names = people > 1 ? ` under ${people} names` : ''
      return {
        kind: people > 1 ? 'copy-of-two' : 'copy',
        score: rounded(likeness),
        likeness: rounded(likeness),
        reason: `${rows.size} times one picture${names}`,
        images: images.map((row) => placed(set, places[row]!)),
      }
    })
}

/** Pictures that are in another set too, by their thumbnails: of each the one that is most alike there. */
export async function sharedPictures(
  set: People,
  looked: Looked,
  other: Looked & { readonly set: People },
  pairsAbove: PairsAbove,
): Promise<Finding[]> {
  const n = looked.places.length
  const best = new Map<number, { row: number; likeness: number }>()
  const thumbs = joinRows([looked.thumbs, other.thumbs])
  await pairsAbove(thumbs, THUMBNAIL, ALIKE, (i, j, likeness) => {
    if (i >= n || j < n || likeness <= (best.get(i)?.likeness ?? 0)) return
    best.set(i, { row: j - n, likeness })
  })
  return Array.from(best, ([i, { row, likeness }]) => {
    const there = placed(other.set, other.places[row]!)
    return {
      kind: 'shared-picture',
      score: rounded(likeness),
      likeness: rounded(likeness),
      reason: `the picture is in the other set too, of ${there.person}`,
      images: [placed(set, looked.places[i]!), there],
    }
  })
}
