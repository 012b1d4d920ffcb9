import { closeSync, fsyncSync, openSync, rmSync } from 'node:fs'
import { makeFolder } from '@arcface/files'
import type { RecordBatch } from 'apache-arrow'
import { GalleryError } from '../errors.js'
import { filesBelow } from '../store/disk.js'
import { plainRow, type Table } from '../store/lance.js'
import { declareMade, makingIn, putInPlace } from '../store/made.js'
import { isRemote, placeOf } from '../store/place.js'
import { refuseRemote, Store } from '../store/store.js'
import { connect, createTables, type GivenKey, openTables, type Tables } from '../store/tables.js'
import { masterKeyOf } from '../vault/master.js'
import { Vault } from '../vault/vault.js'

export interface EncryptOptions {
  readonly key: GivenKey
  /** Called after a commit: so many faces are encrypted. */
  readonly onProgress?: (done: number, total: number) => void
}

export interface EncryptedGallery {
  readonly people: number
  readonly faces: number
  /** True where it was encrypted already. */
  readonly before: boolean
}

/**
 * Makes a plain gallery an encrypted one, in its folder; nobody writes meanwhile, and who has it open opens it again. Until all
 * is written and on the disk the plain one stays; cut short, the same call begins again or ends what is left to do. When it
 * returns, no file of the folder holds what was plain; copies elsewhere, and blocks that the disk has not overwritten, do.
 * @throws GalleryError GALLERY_KEY, GALLERY_MISSING, GALLERY_USE (object storage), GALLERY_DISK_FULL (it takes as much room
 *   again), and as `openGallery`
 */
export async function encryptGallery(
  path: string | URL,
  { key, onProgress }: EncryptOptions,
): Promise<EncryptedGallery> {
  const where = placeOf(path)
  if (isRemote(where)) throw refuseRemote(where)
  const store = await Store.open(where, { key })
  try {
    const before = store.encrypted
    if (before) return { ...(await countsOf(store)), before }
    const counts = await store.write(async (tables) => {
      const made = await sealAll(tables, key, onProgress)
      declareMade(where)
      putInPlace(where)
      return made
    })
    return { ...counts, before }
  } finally {
    await store.close()
  }
}

const countsOf = (store: Store) =>
  store.read(async ({ people, faces }) => ({
    people: await people.countRows(),
    faces: await faces.countRows(),
  }))

/** Writes all rows of a plain gallery into an encrypted one beside it, which is on the disk then. */
async function sealAll(
  { where, called, model, rotation, people, faces }: Tables,
  key: GivenKey,
  onProgress: EncryptOptions['onProgress'],
) {
  const making = makingIn(where)
  rmSync(making, { recursive: true, force: true })
  makeFolder(making, 0o700)
  const vault = await Vault.make(making, await masterKeyOf(key), called)
  const db = await connect(making)
  await createTables(db, model, vault, rotation)
  const sealed = (await openTables(db, { where: making, called }, model, key))!
  try {
    const total = await faces.countRows()
    for await (const batch of people.query()) await sealed.people.add(rowsOf(batch))
    let done = 0
    for await (const batch of faces.query()) {
      // Whose person is gone is about to go.
      const rows = rowsOf(batch).filter(({ person }) => sealed.vault!.has(String(person)))
      if (rows.length > 0) await sealed.faces.add(rows)
      done += batch.numRows
      onProgress?.(done, total)
    }
    for (const table of [sealed.people, sealed.faces]) await settleFiles(table)
    for (const file of await filesBelow(making)) flush(file.path)
    return { people: await sealed.people.countRows(), faces: await sealed.faces.countRows() }
  } finally {
    sealed.close()
  }
}

const rowsOf = (batch: RecordBatch) =>
  [...(batch as Iterable<Iterable<[string, unknown]>>)].map(plainRow)

const settleFiles = (table: Table) => table.optimize({ cleanupOlderThan: new Date() })

function flush(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

export interface RekeyOptions {
  /** That it opens by now. */
  readonly key: GivenKey
  /** That it is to open by. */
  readonly to: GivenKey
}

/**
 * Gives an encrypted gallery a new key, wrapped by another master key, and wraps the keys of all people with it: in one file,
 * which takes the place of the old one when it is whole. The keys of people stay, and with them what their rows are sealed
 * with: who had a copy of the old file of keys and its master key can still read what he finds of them.
 * @returns false where it opens by the new key already, as after a call that was cut short
 * @throws GalleryError GALLERY_KEY, GALLERY_MISSING, GALLERY_USE (it is not encrypted), and as `openGallery`
 */
export async function rekeyGallery(
  path: string | URL,
  { key, to }: RekeyOptions,
): Promise<boolean> {
  const where = placeOf(path)
  const master = await masterKeyOf(to)
  const store = await Store.open(where, { key }).catch(async (error) => {
    if (!(error instanceof GalleryError) || error.code !== 'GALLERY_KEY') throw error
    const opened = await Store.open(where, { key: master }).catch(() => undefined)
    if (opened === undefined) throw error
    await opened.close()
    return undefined
  })
  if (store === undefined) return false
  try {
    if (!store.encrypted)
      throw new GalleryError('GALLERY_USE', `${where} is not encrypted`, {
        hint: '`encryptGallery` makes it so.',
      })
    await store.write(async ({ vault }) => {
      await vault!.refresh()
      await vault!.rewrap(master)
    })
    return true
  } finally {
    await store.close()
  }
}
