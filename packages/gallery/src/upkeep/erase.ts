import { createHash } from 'node:crypto'
import {
  closeSync,
  openSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { InputFile } from '@arcface/files'
import { GalleryError } from '../errors.js'
import { isOvertaken } from '../store/contention.js'
import type { Table } from '../store/lance.js'
import { isRemote } from '../store/place.js'
import type { Room } from '../store/room.js'
import { embeddingOf, type StoredFace } from '../store/rows.js'
import type { Tables } from '../store/tables.js'
import { isDiskFull } from '../store/trouble.js'
import { oweDeletions } from './owed.js'
import { filesOf, purge, rewrite } from './upkeep.js'

/** Beside the tables: what a deletion on a full disk takes to write down which rows are gone. */
const RESERVE = 'reserve'
const RESERVE_BYTES = 256 << 10
/** What one deletion takes at least. */
const LEAST_RESERVE_BYTES = 16 << 10
/** Free bytes on the disk, for each of the tables': what writing them anew takes, and a little more. */
const SPARE = 1.25
/** Of a file at once. */
const CHUNK = 8 << 20

/** Conditions: what of each table goes. */
export interface Gone {
  readonly faces: string
  readonly people?: string
}

/**
 * Deletes rows and their bytes. All files are written anew for that; where the disk has no room for it, the rows are
 * deleted all the same (with the room of the reserve), and embeddings and thumbnails are overwritten where they lie.
 * @throws GalleryError GALLERY_DISK_FULL: not all bytes could be; the message says what is left
 */
export async function erase(tables: Tables, room: Room, gone: Gone): Promise<void> {
  const { where } = tables
  const before = await tables.faces.version()
  try {
    await drop(tables, gone)
    await purge(tables, room)
  } catch (error) {
    if (isOvertaken(error))
      throw new GalleryError(
        'GALLERY_LOCKED',
        `${where}: deleted, and found no more; but others were writing, and the bytes are still in the store`,
        { cause: error, hint: '`purge` once there is less to do.' },
      )
    if (!isDiskFull(error) || isRemote(where)) throw error
    giveReserve(where)
    await drop(tables, gone)
    const left = await overwrite(tables, before, gone.faces)
    // Names are little; with luck there is room to write those of the others anew.
    const named =
      gone.people === undefined ||
      (await rewrite(tables.people, where).then(
        () => true,
        () => false,
      ))
    if (left === 0 && named) return
    const what = [
      ...(left > 0 ? [`the bytes of ${left} faces`] : []),
      ...(named ? [] : ['names, groups and metadata']),
    ]
    throw new GalleryError(
      'GALLERY_DISK_FULL',
      `${where}: deleted, and found no more; but the disk is full, and ${what.join(' and ')} are still on it`,
      { cause: error, hint: 'Make room, then `purge`.' },
    )
  }
}

/**
 * Deletes rows, so that nobody finds them any more; their bytes are owed (owed.ts) where the disk has room to write the
 * others' anew later. Where it has not, and on object storage, as `erase`.
 * @returns whether they are owed @throws as `erase`
 */
export async function remove(tables: Tables, room: Room, gone: Gone): Promise<boolean> {
  const { where } = tables
  if (isRemote(where) || !(await hasRoomToRewrite(tables))) {
    await erase(tables, room, gone)
    return false
  }
  oweDeletions(where)
  await drop(tables, gone)
  return true
}

async function hasRoomToRewrite({ where, faces, people }: Tables): Promise<boolean> {
  const { bavail, bsize } = statfsSync(where)
  const [a, b] = await Promise.all([faces.stats(), people.stats()])
  return bavail * bsize > SPARE * (a.totalBytes + b.totalBytes)
}

async function drop(tables: Tables, gone: Gone): Promise<void> {
  await tables.faces.delete(gone.faces)
  if (gone.people === undefined) return
  await tables.people.delete(gone.people)
  // What others have added to them meanwhile; who comes later finds nobody, and does it again.
  if (tables.shared) await tables.faces.delete(gone.faces)
}

/** Makes room for one deletion. */
export const giveReserve = (where: string) => rmSync(join(where, RESERVE), { force: true })

/** Makes sure of the reserve, or of as much of it as there is room for. */
export function keepReserve(where: string): void {
  if (isRemote(where)) return
  const path = join(where, RESERVE)
  if (statSync(path, { throwIfNoEntry: false })?.size === RESERVE_BYTES) return
  for (let bytes = RESERVE_BYTES; bytes >= LEAST_RESERVE_BYTES; bytes /= 2)
    try {
      writeFileSync(path, Buffer.alloc(bytes, 1), { mode: 0o600 })
      return
    } catch {
      rmSync(path, { force: true })
    }
}

/**
 * Overwrites embeddings and thumbnails of rows that are gone in all files of the faces.
 * @param before version of the faces that still had them
 * @returns faces of which not all was found, or which another face shares
 */
async function overwrite(
  { faces, at, where }: Tables,
  before: number,
  gone: string,
): Promise<number> {
  const secrets = await at('faces', before, (table) => secretsOf(table, gone))
  for await (const digest of digestsOf(faces)) secrets.delete(digest)
  const wanted = [...secrets.values()]
  for (const file of filesOf(where, 'faces', 'data')) overwriteIn(file, wanted)
  const total = await at('faces', before, (table) => table.countRows(gone))
  const done = new Map<string, boolean>()
  for (const { face, found } of wanted) done.set(face, found && (done.get(face) ?? true))
  // What a face shares with another was taken off `secrets`, so it counts as left.
  const shared =
    total - new Set(wanted.filter(({ kind }) => kind === 'embedding').map(({ face }) => face)).size
  return shared + [...done.values()].filter((found) => !found).length
}

interface Secret {
  readonly face: string
  readonly kind: 'embedding' | 'thumbnail'
  readonly bytes: Buffer
  found: boolean
}

type Row = StoredFace<'id' | 'thumbnail'>
const COLUMNS = ['id', 'embedding', 'thumbnail']
const digestOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

function bytesOf(row: Row): { kind: Secret['kind']; bytes: Buffer }[] {
  const { thumbnail } = row
  return [
    { kind: 'embedding', bytes: Buffer.from(embeddingOf(row).buffer) },
    ...(thumbnail ? [{ kind: 'thumbnail' as const, bytes: Buffer.from(thumbnail) }] : []),
  ]
}

/** By their digests. */
async function secretsOf(table: Table, gone: string): Promise<Map<string, Secret>> {
  const secrets = new Map<string, Secret>()
  for await (const batch of table.query().where(gone).select(COLUMNS))
    for (const row of batch as Iterable<Row>)
      for (const { kind, bytes } of bytesOf(row))
        secrets.set(digestOf(bytes), { face: row.id, kind, bytes, found: false })
  return secrets
}

async function* digestsOf(table: Table): AsyncGenerator<string> {
  for await (const batch of table.query().select(COLUMNS))
    for (const row of batch as Iterable<Row>)
      for (const { bytes } of bytesOf(row)) yield digestOf(bytes)
}

function overwriteIn(path: string, secrets: readonly Secret[]): void {
  const longest = secrets.reduce((most, { bytes }) => Math.max(most, bytes.length), 0)
  using input = new InputFile(path)
  const file = openSync(path, 'r+')
  try {
    for (let start = 0; start < input.size; start += CHUNK) {
      // What begins in this chunk ends in it or soon after.
      const chunk = input.read(start, CHUNK + longest)
      for (const secret of secrets)
        for (
          let found = chunk.indexOf(secret.bytes);
          found >= 0;
          found = chunk.indexOf(secret.bytes, found + secret.bytes.length)
        ) {
          writeSync(file, Buffer.alloc(secret.bytes.length), 0, secret.bytes.length, start + found)
          secret.found = true
        }
    }
  } finally {
    closeSync(file)
  }
}
