import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { FilesError, messageOf } from '../errors.js'

/**
 * Makes a folder and those above it, where they are not there. (Node's own `recursive` never returns where the file system
 * knows of no folder to make, as below /proc.)
 * @param mode of what is made, less the umask
 * @throws FilesError FILES_WRITE
 */
export function makeFolder(path: string, mode = 0o777): void {
  try {
    make(path, mode)
  } catch (error) {
    throw new FilesError('FILES_WRITE', `the folder ${path} cannot be made: ${messageOf(error)}.`, {
      cause: error,
    })
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
