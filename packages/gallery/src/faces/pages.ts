import { kindOf } from '@arcface/vision'
import { GalleryError } from '../errors.js'
import { checkCount, checkOptions } from '../options.js'
import { findPerson, namesOf } from '../people/find.js'
import type { FaceRow } from '../store/rows.js'
import { allOf, areIn, quote } from '../store/sql.js'
import type { Tables } from '../store/tables.js'

/** A face of a gallery, without its embedding and its picture. */
export interface GalleryFace {
  readonly id: string
  /** The person's name. */
  readonly person: string
  readonly source: string | null
  /** sha-256 of the photograph's file, hexadecimal; `null` where it is not known. */
  readonly photo: string | null
  /** When it came into the gallery. */
  readonly added: Date
}

/** A part of a person's faces, in the order in which they came, and of their ids where they came together. */
export interface FacesPage {
  /** Those behind this one: the last of the page before, whether still there or not. */
  readonly after?: Pick<GalleryFace, 'id' | 'added'>
  /** At most so many. Default: all. */
  readonly limit?: number
}

type Row = Pick<FaceRow, 'id' | 'person' | 'source' | 'added'> & Partial<Pick<FaceRow, 'photo'>>

/** @throws GalleryError GALLERY_USE */
export function checkFacesPage(page: FacesPage): void {
  checkOptions('faces', page, { after: 'any', limit: 'number' })
  checkCount(page.limit, 'limit')
  const { after } = page
  if (after === undefined) return
  const { id, added } = after ?? {}
  if (typeof id === 'string' && added instanceof Date && Number.isFinite(added.getTime())) return
  throw new GalleryError('GALLERY_USE', `after: a face's id and added, not ${kindOf(after)}`)
}

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
  return rows.map((row) => faceOf(row, person.name))
}

const isBehind = ({ id, added }: Pick<GalleryFace, 'id' | 'added'>) =>
  `(added > ${added.getTime()} OR (added = ${added.getTime()} AND id > ${quote(id)}))`

/** @throws GalleryError GALLERY_FACE */
export async function faceIn(tables: Tables, id: string): Promise<GalleryFace> {
  const query = (await facesQuery(tables)).where(`id = ${quote(id)}`)
  const [row] = (await query.toArray()) as Row[]
  const name = row && (await namesOf(tables, [row.person])).get(row.person)
  if (name === undefined) throw noFace(tables, id)
  return faceOf(row!, name)
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
  if (missing !== undefined) throw noFace(tables, missing)
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

const faceOf = ({ id, source, photo = null, added }: Row, person: string): GalleryFace => ({
  ...{ id, person, source, photo },
  added: new Date(added),
})

const noFace = ({ where }: Tables, id: string) =>
  new GalleryError(
    'GALLERY_FACE',
    `${where}: no face has the id ${JSON.stringify(id.slice(0, 80))}`,
    {
      hint: '`faces` of a person names their ids.',
    },
  )
