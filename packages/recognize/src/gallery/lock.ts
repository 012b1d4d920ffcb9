import { dirname } from 'node:path'
import { DataError, Lock } from '@arcface/data'
import { RecognizeError } from '../errors.js'

/**
 * Runs `work` while nobody else who sees the folder does so under the same path; the lock of a process that has died is
 * free.
 * @throws RecognizeError GALLERY_LOCKED after `waitMs`; DataError DATA_WRITE; what `work` throws
 */
export async function withLock<T>(
  path: string,
  waitMs: number,
  work: () => Promise<T>,
): Promise<T> {
  using _ = await Lock.take(path, { what: `the gallery ${dirname(path)}`, waitMs }).catch(
    (cause) => {
      if (!(cause instanceof DataError) || cause.code !== 'DATA_LOCKED') throw cause
      throw new RecognizeError('GALLERY_LOCKED', cause.message, { cause })
    },
  )
  return await work()
}
