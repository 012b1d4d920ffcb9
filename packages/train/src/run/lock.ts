import { join } from 'node:path'
import { Lock, makeFolder } from '@arcface/files'

/**
 * Keeps a folder of runs or of one run for this process until the lock is released; makes the folder where there is none.
 * @throws FilesError FILES_LOCKED, which names the process that works there; FILES_WRITE
 */
export function lockRun(run: string): Promise<Lock> {
  makeFolder(run)
  return Lock.take(join(run, '.lock'), { what: `the run ${run}` })
}
