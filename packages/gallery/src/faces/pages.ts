import { type FacesPage, type GalleryFace, galleryFace, type ListedRow } from '@arcface/vision'
import { findPerson, namesOf } from '../people/find.js'
import { noFace } from '../rules.js'
import type { FaceRow } from '../store/rows.js'
import { allOf, areIn, quote } from '../store/sql.js'
import type { Tables } from '../store/tables.js'

/** A part of all faces by its place among them, which changes with those before it; see `FacesPage`. */
export interface FacesWindow {
  /** So many are passed over. Default 0. */
  readonly offset?: number
  /** At most so many. Default: all. */
  readonly limit?: number
  /** Only this person's. */
  readonly person?: string
}

type Row = ListedRow & Pick<FaceRow, 'person'>

/** @throws GalleryError GALLERY_PERSON, GALLERY_USE */
export async function facesIn(
  tables: Tables,
  name: string,
  { after, limit }: FacesPage,
): Promise<GalleryFace[]> {
  const person = await findPerson(tables, name)
  const query = (await facesQuery(tables)).orderBy('added', 'id')
  query.where(allOf(`person = ${quote(person.id)}`, after ? isBehind(after) : ''))
  if (limit !== undefined) query.limit(limit)
  const rows = (await query.toArray()) as Row[]
  return rows.map((row) => galleryFace(row, person.name))
}

/** See `GalleryReader.facesFrom`. */
export async function facesFromIn(
  tables: Tables,
  { offset = 0, limit, person }: FacesWindow,
): Promise<GalleryFace[]> {
  const query = (await facesQuery(tables)).orderBy('added', 'id')
  if (person !== undefined) query.where(`person = ${quote((await findPerson(tables, person)).id)}`)
  if (offset > 0) query.offset(offset)
  if (limit !== undefined) query.limit(limit)
  return named(tables, (await query.toArray()) as Row[])
}

/** Those of these ids that are faces, in the order of the ids. */
export async function facesOfIn(tables: Tables, ids: readonly string[]): Promise<GalleryFace[]> {
  const rows: Row[] = []
  for (const where of areIn('id', ids))
    rows.push(...((await (await facesQuery(tables)).where(where).toArray()) as Row[]))
  const found = new Map((await named(tables, rows)).map((face) => [face.id, face]))
  return [...new Set(ids)].flatMap((id) => found.get(id) ?? [])
}

async function named(tables: Tables, rows: readonly Row[]): Promise<GalleryFace[]> {
  const names = await namesOf(
    tables,
    rows.map((row) => row.person),
  )
  // Whose person is gone meanwhile has no name, and is about to go.
  return rows.flatMap((row) => {
    const name = names.get(row.person)
    return name === undefined ? [] : [galleryFace(row, name)]
  })
}

const isBehind = ({ id, added }: Pick<GalleryFace, 'id' | 'added'>) =>
  `(added > ${added.getTime()} OR (added = ${added.getTime()} AND id > ${quote(id)}))`

/** @throws GalleryError GALLERY_FACE */
export async function faceIn(tables: Tables, id: string): Promise<GalleryFace> {
  const query = (await facesQuery(tables)).where(`id = ${quote(id)}`)
  const [row] = (await query.toArray()) as Row[]
  const name = row && (await namesOf(tables, [row.person])).get(row.person)
  if (name === undefined) throw noFace(tables.called, id)
  return galleryFace(row!, name)
}

/** Of those of these faces that have one, by their ids. */
export async function thumbnailsIn(
  { faces }: Tables,
  ids: readonly string[],
): Promise<Map<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>()
  for (const where of areIn('id', ids))
    for await (const batch of faces.query().where(where).select(['id', 'thumbnail']))
      for (const { id, thumbnail } of batch as Iterable<Pick<FaceRow, 'id' | 'thumbnail'>>)
        if (thumbnail) found.set(id, Uint8Array.from(thumbnail))
  return found
}

/** @throws GalleryError GALLERY_FACE: one of these is none */
export async function findFaces(tables: Tables, ids: readonly string[]): Promise<void> {
  const there = await thereIn(tables, ids)
  const missing = ids.find((id) => !there.has(id))
  if (missing !== undefined) throw noFace(tables.called, missing)
}

/** Those of these ids that are faces. */
export async function thereIn({ faces }: Tables, ids: readonly string[]): Promise<Set<string>> {
  const there = new Set<string>()
  for (const where of areIn('id', ids))
    for (const { id } of (await faces.query().where(where).select(['id']).toArray()) as Row[])
      there.add(id)
  return there
}

/** What of the faces is listed; a gallery of before lacks a column. */
async function facesQuery({ faces }: Tables) {
  const columns = ['id', 'person', 'source', 'added', 'photo']
  const there = await faces.columns()
  return faces.query().select(columns.filter((name) => there.has(name)))
}
