import { randomUUID } from 'node:crypto'
import { kindOf } from '@arcface/vision'
import { GalleryError } from '../errors.js'
import { checkOptions, listOf } from '../options.js'
import type { PersonRow } from '../store/rows.js'
import type { Tables } from '../store/tables.js'
import { cleanGroups } from './filter.js'
import { findPeople } from './find.js'
import { checkMetadata, type Metadata } from './metadata.js'
import { cleanName } from './names.js'

/** A person to be there, with or without faces. */
export interface NewPerson {
  readonly name: string
  readonly groups?: readonly string[]
  /** Anything that JSON can hold. */
  readonly metadata?: Metadata
  /** When the person came into a gallery. Default: now. */
  readonly added?: Date
}

/** People as they are stored. @throws GalleryError GALLERY_NAME, GALLERY_METADATA, GALLERY_USE */
export const checkPeople = (people: readonly NewPerson[]): NewPerson[] =>
  listOf(people, 'people').map((one) => {
    checkOptions('addPeople', one, { name: 'any', groups: 'any', metadata: 'any', added: 'any' })
    if (one.added !== undefined) checkDate(one.added)
    return { ...one, name: cleanName(one.name), ...checkDescription(one) }
  })

/** Groups and metadata, of those that are given. @throws GalleryError GALLERY_NAME, GALLERY_METADATA, GALLERY_USE */
export const checkDescription = ({
  groups,
  metadata,
}: Pick<NewPerson, 'groups' | 'metadata'>): Pick<NewPerson, 'groups' | 'metadata'> => ({
  ...(groups !== undefined && { groups: cleanGroups(groups) }),
  ...(metadata !== undefined && { metadata: checkMetadata(metadata) }),
})

/** @throws GalleryError GALLERY_USE */
export function checkDate(added: Date): void {
  if (!(added instanceof Date && Number.isFinite(added.getTime())))
    throw new GalleryError('GALLERY_USE', `added: a date, not ${kindOf(added)}`)
}

/** Adds those people who are not there. @returns how many */
export async function addPeopleIn(tables: Tables, people: readonly NewPerson[]): Promise<number> {
  const there = await findPeople(tables, [...new Set(people.map(({ name }) => name))])
  const now = Date.now()
  const rows: PersonRow[] = []
  for (const one of people) {
    if (there.has(one.name)) continue
    const row = newPerson(one, now)
    there.set(row.name, row)
    rows.push(row)
  }
  if (rows.length > 0) await tables.people.add(rows.map((row) => ({ ...row })))
  return rows.length
}

/** @param now milliseconds since 1970, where the person brings no date */
export const newPerson = (
  { name, groups = [], metadata = {}, added }: NewPerson,
  now: number,
): PersonRow => ({
  id: randomUUID(),
  name,
  groups: [...groups],
  metadata: JSON.stringify(metadata),
  added: added?.getTime() ?? now,
})
