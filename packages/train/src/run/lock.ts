import { join } from 'node:path'
import { Lock, makeFolder } from '@arcface/data'

/**
 * Keeps a folder of runs or of one run for this process until the lock is released; makes the folder where there is none.
 * @throws DataError DATA_LOCKED, which names the process that works there; DATA_WRITE
 */
export function lockRun(run: string): Promise<Lock> {
  makeFolder(run)
  return Lock.take(join(run, '.lock'), { what: `the run ${run}` })
}
