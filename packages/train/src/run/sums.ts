import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { digestOfSync, workerFile } from '@arcface/files'
import { TrainError } from '../errors.js'
import { writeWhole } from './folder.js'

// Weights have no sums of their own: a disk that returns other bytes than were written would train on as if nothing were.
// The file is that of `sha256sum`, which checks it too.
const SUMS = 'SHA256SUMS'

/**
 * Writes the sums of the weights in a folder into it. A thread of its own reads them: gigabytes take seconds.
 * @throws TrainError TRAIN_DISK_FULL
 */
export async function writeSums(folder: string): Promise<void> {
  const file = workerFile('@arcface/train/sums-worker', import.meta.url, 'adds up checkpoints')
  const worker = new Worker(file, { workerData: folder, execArgv: [] })
  const [sums] = (await once(worker, 'message')) as [string]
  writeWhole(join(folder, SUMS), sums)
}

/**
 * @throws TrainError TRAIN_CHECKPOINT if a file of a checkpoint has other bytes than were saved, or its sum is gone; a
 * checkpoint without any, from before there were sums, passes
 */
export function checkSum(folder: string, name: string): void {
  const sums = join(folder, SUMS)
  if (!existsSync(sums)) return
  const line = readFileSync(sums, 'utf8')
    .split('\n')
    .find((one) => one.endsWith(`  ${name}`))
  if (line === undefined)
    throw new TrainError(
      'TRAIN_CHECKPOINT',
      `${sums} is damaged: it has no sum of ${name}. Remove ${folder} to resume from the checkpoint before it; if the rest of it is whole, remove ${SUMS}.`,
    )
  if (line.startsWith(digestOfSync(join(folder, name), 'sha256'))) return
  throw new TrainError(
    'TRAIN_CHECKPOINT',
    `${join(folder, name)}: these are not the bytes that were saved. Remove ${folder} to resume from the checkpoint before it; if you changed them yourself, remove ${SUMS}.`,
  )
}
