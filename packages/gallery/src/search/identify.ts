import {
  type Filter,
  foundOf,
  type Identified,
  type IdentifyOptions,
  type PersonRow,
  type Searched,
} from '@arcface/vision'
import type { Table } from '../store/lance.js'
import { inGroups, isIn } from '../store/sql.js'
import type { Tables } from '../store/tables.js'

/** Neighbours of the index whose similarity is computed exactly, for each that is wanted. */
const REFINE = 10
/** More than there are: a row of the index is one bit a dimension, so all are looked at. */
const ALL_PARTITIONS = 100_000
/** Faces that the first search asks for, for each person wanted. */
const FACES_A_PERSON = 5

interface Hit {
  id: string
  person: string
  source: string | null
  _distance: number
}

/** What there is to search on disk, in all of these groups. */
export async function searchedIn(
  { faces, people }: Tables,
  groups: readonly string[],
): Promise<Searched> {
  const count = (table: Table) =>
    table.countRows(groups.length > 0 ? inGroups(table.asFound('groups', groups)) : undefined)
  return { people: await count(people), faces: await count(faces) }
}

/** The most similar people, each by the best of their faces; read from disk. */
export async function identifyIn(
  { faces, people }: Tables,
  embedding: Float32Array,
  { top = 1, filter }: IdentifyOptions,
  threshold: number | null,
): Promise<Omit<Identified, 'searched'>> {
  const best = new Map<string, Hit>()
  for (let limit = top * FACES_A_PERSON; ; limit *= 4) {
    const hits = await nearest(faces, embedding, limit, filter)
    for (const hit of hits) if (!best.has(hit.person)) best.set(hit.person, hit)
    if (best.size >= top || hits.length < limit) break
  }
  const wanted = [...best.values()]
    .map((hit) => ({ hit, similarity: similarityOf(hit._distance) }))
    .filter(({ similarity }) => similarity >= (threshold ?? -1))
    .slice(0, top)
  const ids = wanted.map(({ hit }) => hit.person)
  const rows =
    ids.length === 0 ? [] : ((await people.query().where(isIn('id', ids)).toArray()) as PersonRow[])
  const known = new Map(rows.map((row) => [row.id, foundOf(row)]))
  const matches = wanted.flatMap(({ hit, similarity }) => {
    const person = known.get(hit.person)
    // Deleted between the two queries.
    return person ? [{ ...person, similarity, face: hit.id, source: hit.source }] : []
  })
  return { threshold, matches }
}

async function nearest(
  faces: Table,
  embedding: Float32Array,
  limit: number,
  filter: Filter | undefined,
): Promise<Hit[]> {
  let query = faces
    .vectorSearch(embedding)
    .column('embedding')
    .distanceType('l2')
    .select(['id', 'person', 'source', '_distance'])
    .nprobes(ALL_PARTITIONS)
    .refineFactor(REFINE)
    .limit(limit)
  const groups = filter?.groups ?? []
  if (groups.length > 0) query = query.where(inGroups(groups))
  return (await query.toArray()) as Hit[]
}

/** Of unit vectors: |a - b|^2 = 2 - 2 a.b. */
const similarityOf = (distance: number) => Math.max(-1, Math.min(1, 1 - distance / 2))
