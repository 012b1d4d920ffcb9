import type { GalleryModel } from '@arcface/vision'
import { bytesIn } from '../store/disk.js'
import { isRemote } from '../store/place.js'
import type { Store } from '../store/store.js'
import { INDEX } from '../upkeep/upkeep.js'

export interface GalleryStats {
  readonly model: GalleryModel
  readonly people: number
  readonly faces: number
  /** How faces are found now: every one compared, or by the index. */
  readonly search: 'exact' | 'index'
  /** On disk; `null` on object storage. */
  readonly bytes: number | null
}

export async function statsOf(store: Store): Promise<GalleryStats> {
  const { model, where, room } = store
  const counts = await store.read(async ({ people, faces }) => {
    const index = await faces.indexStats(INDEX)
    const total = await faces.countRows()
    const search = index && !(await room.fits(total)) ? ('index' as const) : ('exact' as const)
    const bytes = isRemote(where) ? null : await bytesIn(where)
    return { people: await people.countRows(), faces: total, search, bytes }
  })
  return { model, ...counts }
}
