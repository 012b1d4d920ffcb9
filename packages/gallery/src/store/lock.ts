import { dirname } from 'node:path'
import { FilesError, Lock } from '@arcface/files'
import { GalleryError } from '../errors.js'

/**
 * Runs `work` while nobody else who sees the folder does so under the same path; the lock of a process that has died is
 * free.
 * @throws GalleryError GALLERY_LOCKED after `waitMs`; FilesError FILES_WRITE; what `work` throws
 */
export async function withLock<T>(
  path: string,
  waitMs: number,
  work: () => Promise<T>,
): Promise<T> {
  using _ = await Lock.take(path, { what: `the gallery ${dirname(path)}`, waitMs }).catch(
    (cause) => {
      if (!(cause instanceof FilesError) || cause.code !== 'FILES_LOCKED') throw cause
      throw new GalleryError('GALLERY_LOCKED', cause.message, { cause })
    },
  )
  return await work()
}
