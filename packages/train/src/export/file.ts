import { OutputFile } from '@arcface/files'
import { TrainError } from '../errors.js'
import { isDiskFull } from '../run/folder.js'

/**
 * Writes a file beside `path`, flushes it and renames it: a reader sees the old file or the whole new one.
 * @throws TrainError TRAIN_DISK_FULL, TRAIN_EXPORT (a folder that is missing or may not be written); the
 *   old file stays
 */
export function writeModel(path: string, bytes: Uint8Array): void {
  try {
    using file = new OutputFile(path, { flushed: true })
    file.write(bytes)
    file.commit()
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
