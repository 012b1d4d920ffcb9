import {
  byCodePoint,
  type Filter,
  type ListedPerson,
  type PeoplePage,
  type PersonRow,
  personOf,
} from '@arcface/vision'
import type { Table } from '../store/lance.js'
import type { FaceRow } from '../store/rows.js'
import { allOf, areIn, hasText, inGroups, quote } from '../store/sql.js'
import type { Tables } from '../store/tables.js'
import { everybodyIn } from './everybody.js'
import { findPerson } from './find.js'

export async function peopleIn(
  tables: Tables,
  { groups = [], after, limit }: PeoplePage,
): Promise<ListedPerson[]> {
  const rows = await pageOf(tables, groups, after, limit)
  const isAll = groups.length === 0 && after === undefined && limit === undefined
  const ids = isAll ? 'all' : rows.map(({ id }) => id)
  const counts = await faceCounts(tables.faces, ids)
  return rows.map((row) => ({ ...personOf(row), faces: counts.get(row.id) ?? 0 }))
}

async function pageOf(
  tables: Tables,
  groups: readonly string[],
  after: string | undefined,
  limit: number | undefined,
): Promise<PersonRow[]> {
  const { vault } = tables
  if (vault)
    return (await everybodyIn(tables, vault))
      .filter(isIn(groups))
      .filter(({ name }) => after === undefined || byCodePoint(name, after) > 0)
      .slice(0, limit)
  const where = allOf(inGroups(groups), after === undefined ? '' : `name > ${quote(after)}`)
  const query = tables.people.query().orderBy('name')
  if (where !== '') query.where(where)
  if (limit !== undefined) query.limit(limit)
  return (await query.toArray()) as PersonRow[]
}

const isIn =
  (wanted: readonly string[]) =>
  ({ groups }: PersonRow) =>
    wanted.every((group) => groups.includes(group))

/** A part of all people by its place among them, which changes with those before it; see `PeoplePage`. */
export interface PeopleWindow extends Filter {
  /** Only whose names have this in them, in whatever case. */
  readonly search?: string
  /** Default: name. */
  readonly by?: 'name' | 'added'
  /** From the last on. */
  readonly descending?: boolean
  /** So many are passed over. Default 0. */
  readonly offset?: number
  /** At most so many. Default: all. */
  readonly limit?: number
}

/** People of a window, and how many there are before and behind it too. */
export interface FoundPeople {
  readonly people: ListedPerson[]
  readonly total: number
}

/** See `GalleryReader.peopleFrom`. @param window groups and search as they are stored */
export async function peopleFromIn(tables: Tables, window: PeopleWindow): Promise<FoundPeople> {
  const { vault } = tables
  const { rows, total } = vault
    ? windowOf(await everybodyIn(tables, vault), window)
    : await queriedWindow(tables, window)
  return { people: await counted(tables, rows), total }
}

interface Window {
  readonly rows: readonly PersonRow[]
  readonly total: number
}

async function queriedWindow(
  tables: Tables,
  { groups = [], search = '', by = 'name', descending = false, offset = 0, limit }: PeopleWindow,
): Promise<Window> {
  const where = allOf(inGroups(groups), hasText('name', search))
  const query = tables.people.query()
  const columns = by === 'name' ? ['name'] : [by, 'name']
  if (descending) query.orderDown(...columns)
  else query.orderBy(...columns)
  if (where !== '') query.where(where)
  if (offset > 0) query.offset(offset)
  if (limit !== undefined) query.limit(limit)
  const rows = (await query.toArray()) as PersonRow[]
  const total = await tables.people.countRows(where === '' ? undefined : where)
  return { rows, total }
}

function windowOf(
  everybody: readonly PersonRow[],
  { groups = [], search = '', by = 'name', descending = false, offset = 0, limit }: PeopleWindow,
): Window {
  const text = search.toLowerCase()
  const rows = everybody
    .filter(isIn(groups))
    .filter(({ name }) => name.toLowerCase().includes(text))
  if (by === 'added') rows.sort((a, b) => a.added - b.added) // of the same time by name, as they were
  if (descending) rows.reverse()
  return { rows: rows.slice(offset, limit && offset + limit), total: rows.length }
}

/** With how many faces each has. */
async function counted({ faces }: Tables, rows: readonly PersonRow[]): Promise<ListedPerson[]> {
  const counts = await faceCounts(
    faces,
    rows.map(({ id }) => id),
  )
  return rows.map((row) => ({ ...personOf(row), faces: counts.get(row.id) ?? 0 }))
}

/** One of the pictures that came with a person's faces. @throws GalleryError GALLERY_PERSON, GALLERY_USE */
export async function portraitIn(tables: Tables, name: string): Promise<Uint8Array | null> {
  const { id } = await findPerson(tables, name)
  const [row] = (await tables.faces
    .query()
    .where(`person = ${quote(id)} AND thumbnail IS NOT NULL`)
    .select(['thumbnail'])
    .limit(1)
    .toArray()) as Pick<FaceRow, 'thumbnail'>[]
  return row?.thumbnail ? Uint8Array.from(row.thumbnail) : null
}

/** @throws GalleryError GALLERY_PERSON, GALLERY_USE */
export async function personIn(tables: Tables, name: string): Promise<ListedPerson> {
  const row = await findPerson(tables, name)
  const faces = await tables.faces.countRows(`person = ${quote(row.id)}`)
  return { ...personOf(row), faces }
}

/** How many faces these people have, by their ids; of the faces one column is read. */
export async function faceCounts(
  faces: Table,
  people: readonly string[] | 'all',
): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  for (const where of people === 'all' ? [undefined] : areIn('person', people)) {
    const column = faces.query().select(['person'])
    for await (const batch of where === undefined ? column : column.where(where))
      for (const { person } of batch as Iterable<Pick<FaceRow, 'person'>>)
        counts.set(person, (counts.get(person) ?? 0) + 1)
  }
  return counts
}

/** How many people each group has, by its name. */
export async function groupsIn({ people }: Tables): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  for await (const batch of people.query().select(['groups']))
    for (const { groups } of batch as Iterable<Pick<PersonRow, 'groups'>>)
      for (const group of groups) counts.set(group, (counts.get(group) ?? 0) + 1)
  return new Map([...counts].sort(([a], [b]) => (a < b ? -1 : 1)))
}
