import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { TrainError } from '../errors.js'

/**
 * Writes a file beside `path`, flushes it and renames it: a reader sees the old file or the whole new one.
 * @throws TrainError TRAIN_DISK_FULL, TRAIN_EXPORT (a folder that is missing or may not be written); the
 *   old file stays
 */
export function writeModel(path: string, bytes: Uint8Array): void {
  const temporary = `${path}.${process.pid}.tmp`
  try {
    const file = openSync(temporary, 'w')
    try {
      writeFileSync(file, bytes)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(temporary, path)
  } catch (cause) {
    rmSync(temporary, { force: true })
    const { code, message } = cause as NodeJS.ErrnoException
    if (code === 'ENOSPC' || code === 'EDQUOT')
      throw new TrainError(
        'TRAIN_DISK_FULL',
        `${path}: the disk is full. Free ${Math.ceil(bytes.length / 1e6)} MB and export again; what was there before is untouched.`,
        { cause },
      )
    throw new TrainError('TRAIN_EXPORT', `${path}: cannot be written (${message})`, { cause })
  }
}
