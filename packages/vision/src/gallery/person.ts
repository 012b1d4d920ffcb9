import type { Kinds } from '../options.js'
import type { ArgumentRules } from './arguments.js'
import {
  type Consent,
  type ConsentRules,
  type Keeping,
  type KeepingRow,
  keepingOf,
  keepingRow,
} from './consent.js'
import { type Metadata, type MetadataRules, metadataOf } from './metadata.js'
import type { Filter, NameRules } from './names.js'

export interface Person {
  readonly name: string
  /** In order of their names. */
  readonly groups: readonly string[]
  readonly metadata: Metadata
  /** When the person came into the gallery. */
  readonly added: Date
  /** Where none is known there is no such key, of this and the next. */
  readonly consent?: Consent
  /** When a sweep is to erase the person. */
  readonly retainUntil?: Date
}

/** What a search tells of a person. */
export type FoundPerson = Omit<Person, keyof Keeping>

/** A person, and how many faces there are. */
export interface ListedPerson extends Person {
  readonly faces: number
}

/** A person to be there, with or without faces. */
export interface NewPerson extends Keeping {
  readonly name: string
  readonly groups?: readonly string[]
  /** Anything that JSON can hold. */
  readonly metadata?: Metadata
  /** When the person came into a gallery. Default: now. */
  readonly added?: Date
}

/** What of a person is replaced: what is given. */
export type Description = Pick<NewPerson, 'groups' | 'metadata' | keyof Keeping>

/** For who checks it. */
export const DESCRIPTION: Kinds<Description> = {
  groups: 'any',
  metadata: 'any',
  consent: 'any',
  retainUntil: 'any',
}

/** A part of all people, in the order of their names. */
export interface PeoplePage extends Filter {
  /** Those whose names come after this one: the last of the page before, whether still there or not. */
  readonly after?: string | undefined
  /** At most so many. Default: all. */
  readonly limit?: number
}

/** A person as it is stored. Names are unique; `id` never changes, and faces refer to it. */
export interface PersonRow extends KeepingRow {
  id: string
  name: string
  groups: string[]
  /** JSON. */
  metadata: string
  /** Milliseconds since 1970. */
  added: number
}

export const personOf = ({ name, groups, metadata, added, ...row }: PersonRow): Person => ({
  name,
  groups: Array.from(groups),
  metadata: metadataOf(JSON.parse(metadata)),
  added: new Date(added),
  ...keepingOf(row),
})

/** Somebody whom a search finds: who, and not why they may be kept. */
export const foundOf = ({ id, name, groups, metadata, added }: PersonRow): FoundPerson =>
  personOf({ id, name, groups, metadata, added })

/** @param now milliseconds since 1970, where the person brings no date */
export const personRow = (
  id: string,
  { name, groups = [], metadata = {}, added, ...keeping }: NewPerson,
  now: number,
): PersonRow => ({
  id,
  name,
  groups: [...groups],
  metadata: JSON.stringify(metadata),
  added: added?.getTime() ?? now,
  ...keepingRow(keeping),
})

/** Rules of people, as they come and as they are asked for. */
export const personRules = (
  { checkOptions, checkCount, checkDate, listOf }: ArgumentRules,
  { normalName, cleanName, cleanGroups }: NameRules,
  { checkMetadata }: MetadataRules,
  { checkKeeping }: ConsentRules,
) => {
  /** As it is stored, of what is given. Throws NAME, METADATA, CONSENT, USE. */
  const checkDescription = ({ groups, metadata, ...keeping }: Description): Description => ({
    ...(groups !== undefined && { groups: cleanGroups(groups) }),
    ...(metadata !== undefined && { metadata: checkMetadata(metadata) }),
    ...checkKeeping(keeping),
  })

  /** People as they are stored. Throws NAME, METADATA, CONSENT, USE. */
  const checkPeople = (people: readonly NewPerson[]): NewPerson[] =>
    listOf(people, 'people').map((one) => {
      checkOptions('addPeople', one, { ...DESCRIPTION, name: 'any', added: 'any' })
      if (one.added !== undefined) checkDate(one.added, 'added')
      return { ...one, name: cleanName(one.name), ...checkDescription(one) }
    })

  /** As it is asked for in the store. Throws USE, NAME (a group). */
  function checkPeoplePage(page: PeoplePage): PeoplePage {
    checkOptions('people', page, { groups: 'any', after: 'any', limit: 'number' })
    const { groups, after, limit } = page
    checkCount(limit, 'limit')
    return {
      ...(groups !== undefined && { groups: cleanGroups(groups) }),
      ...(after !== undefined && { after: normalName(after, 'after') }),
      ...(limit !== undefined && { limit }),
    }
  }

  return { checkDescription, checkPeople, checkPeoplePage }
}

export type PersonRules = ReturnType<typeof personRules>
