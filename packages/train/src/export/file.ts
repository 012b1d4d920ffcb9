import { isDiskFull, writeWhole } from '@arcface/files'
import { TrainError } from '../errors.js'

/**
 * Writes a model whole, see `OutputFile` of @arcface/files.
 * @throws TrainError TRAIN_DISK_FULL, TRAIN_EXPORT (a folder that is missing or may not be written); the
 *   old file stays
 */
export function writeModel(path: string, bytes: Uint8Array): void {
  try {
    writeWhole(path, bytes)
  } catch (cause) {
    if (isDiskFull(cause))
      throw new TrainError(
        'TRAIN_DISK_FULL',
        `${path}: the disk is full. Free ${Math.ceil(bytes.length / 1e6)} MB and export again; what was there before is untouched.`,
        { cause },
      )
    throw new TrainError('TRAIN_EXPORT', (cause as Error).message, { cause })
  }
}
