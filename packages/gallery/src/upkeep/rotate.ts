import { GalleryError } from '../errors.js'
import { isRemote, placeOf } from '../store/place.js'
import { Store } from '../store/store.js'
import type { GivenKey } from '../store/tables.js'
import { masterKeyOf } from '../vault/master.js'
import { makeRotation, openRotation } from '../vault/rotation.js'
import { makeAnew } from './anew.js'

export interface RotateOptions {
  /** Of an encrypted gallery, which stays so by it; its people get new keys. */
  readonly key?: GivenKey | undefined
  /** That its embeddings are turned by now; left out where they are as they came. */
  readonly rotation?: GivenKey | undefined
  /** That they are to be turned by. */
  readonly to: GivenKey
  /** Called after a commit: so many faces are turned. */
  readonly onProgress?: (done: number, total: number) => void
}

/**
 * Turns the embeddings of a gallery by a new rotation, in its folder: templates of before fit nothing in it then. Nobody writes
 * meanwhile, and who has it open opens it again. Until all is written and on the disk the old one stays; cut short, the same
 * call begins again. Copies of before, elsewhere, are turned back with the key of before.
 * @throws GalleryError GALLERY_KEY, GALLERY_MISSING, GALLERY_USE (object storage), GALLERY_DISK_FULL (it takes as much room
 *   again), and as `openGallery`
 */
export async function rotateGallery(
  path: string | URL,
  { key, rotation, to, onProgress }: RotateOptions,
): Promise<{ readonly people: number; readonly faces: number }> {
  const where = placeOf(path)
  if (isRemote(where))
    throw new GalleryError('GALLERY_USE', `${where}: a gallery on object storage stays as it is`, {
      hint: 'Export it, and import it into a new one.',
    })
  const master = await masterKeyOf(to)
  const store = await Store.open(where, { key, rotation })
  try {
    const before = store.rotation
    return await store.write(async (tables) => {
      const { dim } = tables.model
      const kept = await makeRotation(master, dim)
      const next = await openRotation(kept, dim, master, where)
      return makeAnew(tables, {
        key: tables.vault && key,
        rotation: kept,
        turn: (embedding) => next.turn(before?.turnBack(embedding) ?? embedding),
        onProgress,
      })
    })
  } finally {
    await store.close()
  }
}
