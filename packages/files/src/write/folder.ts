import { closeSync, fsync, fsyncSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { unwritable } from '../errors.js'

const fsyncAsync = promisify(fsync)

/**
 * Makes a folder and those above it, where they are not there. (Node's own `recursive` never returns where the file system
 * knows of no folder to make, as below /proc.)
 * @param mode of what is made, less the umask
 * @throws FilesError FILES_WRITE, FILES_DISK_FULL
 */
export function makeFolder(path: string, mode = 0o777): void {
  try {
    make(path, mode)
  } catch (error) {
    throw unwritable(path, error, `the folder ${path} cannot be made`)
  }
}

function make(path: string, mode: number): void {
  if (isFolder(path)) return
  const parent = dirname(path)
  if (parent !== path) make(parent, mode)
  try {
    mkdirSync(path, { mode })
  } catch (error) {
    if (!isFolder(path)) throw error // else another process was faster
  }
}

const isFolder = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() === true

/**
 * Flushes the names in a folder, where the system can: a rename survives a failure of the power only then.
 * @throws what the file system throws
 */
export function syncFolder(path: string): void {
  const folder = openFolder(path)
  if (folder === undefined) return
  try {
    fsyncSync(folder)
  } catch (error) {
    ignoreInability(error)
  } finally {
    closeSync(folder)
  }
}

/** As `syncFolder`; the thread does not wait for the disk. */
export async function syncFolderAsync(path: string): Promise<void> {
  const folder = openFolder(path)
  if (folder === undefined) return
  try {
    await fsyncAsync(folder)
  } catch (error) {
    ignoreInability(error)
  } finally {
    closeSync(folder)
  }
}

function openFolder(path: string): number | undefined {
  try {
    return openSync(path, 'r')
  } catch (error) {
    ignoreInability(error)
    return undefined
  }
}

/** Windows opens no folders, a folder may be one that this user writes into and does not read, some file systems refuse. */
function ignoreInability(error: unknown): void {
  const { code = '' } = error as NodeJS.ErrnoException
  if (!['EACCES', 'EPERM', 'EISDIR', 'EINVAL', 'ENOTSUP'].includes(code)) throw error
}
