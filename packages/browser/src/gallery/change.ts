import type { PersonRow } from '@arcface/vision'
import type { Version } from './about.js'
import type { Database } from './database.js'
import type { HeldGallery } from './held.js'
import { encodeFace, encodePerson, type FaceRecord, type StoredFace } from './records.js'
import type { Vault } from './vault.js'

/** What a write adds, in new rows, and which rows it takes away: a row that was written never changes. */
export interface Change {
  readonly people?: readonly PersonRow[]
  readonly faces?: readonly ChangedFace[]
  readonly gone?: {
    readonly people?: readonly number[]
    readonly faces?: readonly number[]
    readonly thumbnails?: readonly number[]
  }
}

/** What a call changes of a gallery, and what it returns then. */
export interface Plan<T> {
  readonly change: Change
  readonly result: T
}

export interface ChangedFace extends FaceRecord {
  /** To be stored with it; a face that is only moved has its picture already. */
  readonly picture?: Uint8Array | null
}

type Row<T> = readonly [row: number, value: T]

/** A change with its rows, as it goes into the database: sealed before a transaction opens, which would not wait for that. */
export interface SealedChange {
  readonly version: number
  readonly next: number
  readonly people: readonly Row<PersonRow>[]
  readonly faces: readonly Row<FaceRecord>[]
  readonly gone: Required<NonNullable<Change['gone']>>
  readonly sealed: readonly (readonly ['people' | 'faces' | 'thumbnails', number, Uint8Array])[]
}

/** @param held what the change was made for */
export async function seal(
  { people = [], faces = [], gone = {} }: Change,
  { version, next }: HeldGallery,
  vault: Vault,
): Promise<SealedChange> {
  const sealing: Promise<SealedChange['sealed'][number]>[] = []
  const put = (store: SealedChange['sealed'][number][0], bytes: Uint8Array<ArrayBuffer>) => {
    const row = next++
    sealing.push(vault.seal(placeOf(store, row), bytes).then((sealed) => [store, row, sealed]))
    return row
  }
  const newPeople = people.map((person) => [put('people', encodePerson(person)), person] as const)
  const newFaces = faces.map(({ face, embedding, picture }) => {
    const stored: StoredFace = picture
      ? { ...face, thumbnail: put('thumbnails', Uint8Array.from(picture)) }
      : face
    const record = { face: stored, embedding }
    return [put('faces', encodeFace(record)), record] as const
  })
  return {
    version,
    people: newPeople,
    faces: newFaces,
    gone: { people: [], faces: [], thumbnails: [], ...gone },
    sealed: await Promise.all(sealing),
    next,
  }
}

/** What is said when a record is sealed and opened. */
export const placeOf = (store: string, row: number): string => `${store}/${row}`

/**
 * Writes a change, unless somebody else has written since it was made.
 * @param id of the gallery that it was made for
 * @returns whether it was written
 */
export function commit(database: Database, id: string, change: SealedChange): Promise<boolean> {
  return database.transaction(
    'readwrite',
    ['about', 'people', 'faces', 'thumbnails'],
    async (transaction) => {
      const now = await transaction.get<Version>('about', 'version')
      if (now?.id !== id || now.version !== change.version) return false
      for (const [store, row, sealed] of change.sealed) transaction.put(store, row, sealed)
      for (const store of ['people', 'faces', 'thumbnails'] as const)
        for (const row of change.gone[store]) transaction.delete(store, row)
      const next: Version = { id, version: change.version + 1, next: change.next }
      transaction.put('about', 'version', next)
      return true
    },
  )
}

/** Brings memory to what was written; does nothing where it was read anew since. */
export function apply(
  held: HeldGallery,
  { version, next, people, faces, gone }: SealedChange,
): void {
  if (held.version !== version) return
  for (const [row, person] of people) held.addPerson(row, person)
  for (const [row, face] of faces) held.addFace(row, face)
  for (const row of gone.people) held.removePerson(row)
  for (const row of gone.faces) held.removeFace(row)
  held.version = version + 1
  held.next = next
}

/** Faces that go, with their pictures. */
export const goneFaces = (held: HeldGallery, faces: readonly number[]) => ({
  faces,
  thumbnails: faces.flatMap((row) => held.at(row).thumbnail ?? []),
})
