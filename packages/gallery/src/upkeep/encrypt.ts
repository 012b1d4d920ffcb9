import { GalleryError } from '../errors.js'
import { isRemote, placeOf } from '../store/place.js'
import { refuseRemote, Store } from '../store/store.js'
import type { GivenKey } from '../store/tables.js'
import { masterKeyOf } from '../vault/master.js'
import { makeAnew } from './anew.js'

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
    const counts = await store.write((tables) =>
      makeAnew(tables, { key, rotation: tables.rotation, onProgress }),
    )
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
