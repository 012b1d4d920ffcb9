import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import type { PersonRow } from '@arcface/vision'
import { filesBelow } from '../store/disk.js'
import { isRemote } from '../store/place.js'
import { embeddingOf, type StoredFace } from '../store/rows.js'
import { areIn } from '../store/sql.js'
import type { Tables } from '../store/tables.js'
import { anchorOf, Leavings } from './leavings.js'

/** Somebody who was erased. */
export interface Erased {
  readonly name: string
  readonly faces: number
  /** Of these faces. */
  readonly pictures: number
}

/** What an erasure searched, destroyed, and found after it. */
export interface Erasure {
  readonly began: Date
  readonly ended: Date
  readonly people: readonly Erased[]
  /**
   * How the bytes went: all files were written anew without them; the person's key was destroyed, so that what is left of
   * them is noise until `purge`; or the store was told to, where other copies are its own business.
   */
  readonly method: 'files rewritten' | 'key destroyed' | 'store asked'
  /** Before: rows of the tables. After: files and their bytes, for what the faces were; null on object storage. */
  readonly searched: {
    readonly people: number
    readonly faces: number
    readonly files: number | null
    readonly bytes: number | null
  }
  /** After: rows of these people, and embeddings and pictures of theirs that a file still holds. */
  readonly found: {
    readonly people: number
    readonly faces: number
    readonly secrets: number | null
  }
}

/**
 * Erases people, and looks afterwards whether anything of them is left.
 * @param erase does it
 * @throws what `erase` does
 */
export async function witnessed(
  tables: Tables,
  rows: readonly PersonRow[],
  method: Erasure['method'],
  erase: () => Promise<void>,
): Promise<Erasure> {
  const began = new Date()
  const ids = rows.map(({ id }) => id)
  const [people, faces] = [await tables.people.countRows(), await tables.faces.countRows()]
  const { counts, secrets } = await facesOf(tables, ids)
  await erase()
  const left = { people: 0, faces: 0 }
  for (const where of areIn('id', ids)) left.people += await tables.people.countRows(where)
  for (const where of areIn('person', ids)) left.faces += await tables.faces.countRows(where)
  const read = isRemote(tables.where) ? undefined : await searchFiles(tables, secrets)
  return {
    began,
    ended: new Date(),
    people: rows.map(({ id, name }) => ({
      name,
      ...(counts.get(id) ?? { faces: 0, pictures: 0 }),
    })),
    method,
    searched: { people, faces, files: read?.files ?? null, bytes: read?.bytes ?? null },
    found: { ...left, secrets: read?.found ?? null },
  }
}

/** Anchors of an embedding and a picture, by what tells the face: one that another has too stays. */
type Secrets = Map<string, Buffer[]>

const digestOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

async function facesOf({ faces }: Tables, ids: readonly string[]) {
  const counts = new Map<string, { faces: number; pictures: number }>()
  const secrets: Secrets = new Map()
  for (const where of areIn('person', ids))
    for await (const batch of faces
      .query()
      .where(where)
      .select(['person', 'embedding', 'thumbnail']))
      for (const face of batch as Iterable<StoredFace<'person' | 'thumbnail'>>) {
        const { person, thumbnail } = face
        const before = counts.get(person) ?? { faces: 0, pictures: 0 }
        counts.set(person, {
          faces: before.faces + 1,
          pictures: before.pictures + (thumbnail ? 1 : 0),
        })
        const embedding = Buffer.from(embeddingOf(face).buffer)
        const anchors = [embedding, ...(thumbnail ? [thumbnail] : [])].flatMap(
          (bytes) => anchorOf(bytes) ?? [],
        )
        secrets.set(digestOf(embedding), anchors)
      }
  return { counts, secrets }
}

async function searchFiles(tables: Tables, secrets: Secrets) {
  const looked = new Leavings([...secrets.values()].flat())
  const held = new Set<string>()
  let [files, bytes] = [0, 0]
  for (const { path, size } of await filesBelow(tables.where)) {
    // A reader's, which another has cleaned away meanwhile.
    if (!existsSync(path)) continue
    for (const anchor of looked.in(path)) held.add(anchor)
    files++
    bytes += size
  }
  if (held.size > 0) await forgetShared(tables, secrets)
  const left = [...secrets.values()].flat().filter((anchor) => held.has(anchor.toString('hex')))
  return { files, bytes, found: left.length }
}

/** What a face of somebody else is made of too is no leaving: the same photograph is enrolled twice. */
async function forgetShared({ faces }: Tables, secrets: Secrets): Promise<void> {
  for await (const batch of faces.query().select(['embedding']))
    for (const face of batch as Iterable<StoredFace>)
      secrets.delete(digestOf(Buffer.from(embeddingOf(face).buffer)))
}
