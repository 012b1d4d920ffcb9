import { GalleryError } from '../errors.js'
import { checkCount, checkOptions } from '../options.js'
import { type Filter, groupsOf } from '../people/filter.js'
import { type Person, personOf } from '../people/person.js'
import type { Table } from '../store/lance.js'
import type { PersonRow } from '../store/rows.js'
import { inGroups, isIn } from '../store/sql.js'
import type { Tables } from '../store/tables.js'

/** Neighbours of the index whose similarity is computed exactly, for each that is wanted. */
const REFINE = 10
/** More than there are: a row of the index is one bit a dimension, so all are looked at. */
const ALL_PARTITIONS = 100_000
/** Faces that the first search asks for, for each person wanted. */
const FACES_A_PERSON = 5

/** What a search compared with, after the filter. */
export interface Searched {
  readonly people: number
  readonly faces: number
}

export interface IdentifyOptions {
  /** People at most. Default 1. */
  readonly top?: number
  /**
   * Cosine; people below are left out. Default: nobody is, so that the nearest has a name also where the face is a
   * stranger's. The more faces are searched the higher it must be: a function is told how many there are.
   */
  readonly threshold?: number | ((searched: Searched) => number)
  readonly filter?: Filter
}

export interface Match extends Person {
  /** Cosine of the embedding and the person's most similar face. */
  readonly similarity: number
  /** That face. */
  readonly face: string
  readonly source: string | null
}

export interface Identified {
  /** The threshold that was used, `null` for none. */
  readonly threshold: number | null
  readonly searched: Searched
  /** The most similar first. */
  readonly matches: readonly Match[]
}

interface Hit {
  id: string
  person: string
  source: string | null
  _distance: number
}

/** With groups as they are stored. @throws GalleryError GALLERY_USE, GALLERY_NAME (a group) */
export function checkIdentify(options: IdentifyOptions): IdentifyOptions {
  checkOptions('identify', options, { top: 'number', threshold: 'any', filter: 'any' })
  const { top, threshold = -1, filter } = options
  checkCount(top, 'top')
  if (typeof threshold !== 'function') checkCosine(threshold)
  return { ...options, filter: { groups: groupsOf(filter) } }
}

function checkCosine(threshold: number): void {
  if (!(typeof threshold === 'number' && threshold >= -1 && threshold <= 1))
    throw new GalleryError('GALLERY_USE', `threshold: a cosine from -1 to 1, not ${threshold}`)
}

/** The threshold of a search. @throws GalleryError GALLERY_USE where a function gives no cosine */
export function thresholdOf({ threshold }: IdentifyOptions, searched: Searched): number | null {
  if (typeof threshold !== 'function') return threshold ?? null
  const found = threshold(searched)
  checkCosine(found)
  return found
}

/** What there is to search on disk, in all of these groups. */
export async function searchedIn(
  { faces, people }: Tables,
  groups: readonly string[],
): Promise<Searched> {
  const where = groups.length > 0 ? inGroups(groups) : undefined
  return { people: await people.countRows(where), faces: await faces.countRows(where) }
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
  const known = new Map(rows.map((row) => [row.id, personOf(row)]))
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
