import {
  closeSync,
  constants,
  createReadStream,
  fstatSync,
  openSync,
  type ReadStream,
  readFileSync,
  type Stats,
  statSync,
} from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { FilesError, unreadable } from '../errors.js'

// Without O_NONBLOCK (which Windows lacks) opening a named pipe waits for somebody who writes into it, perhaps for ever.
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

/**
 * Opens a file for reading, and nothing else: a named pipe, a socket or a device would have whoever reads it wait, a
 * folder has no bytes. Every reader of a path that a person gave begins here.
 *
 * @returns its descriptor, which the caller closes
 * @throws FilesError FILES_READ: no file, or what the file system says (`cause`)
 */
export function openRegular(path: string): number {
  let file: number
  try {
    file = openSync(path, FLAGS)
  } catch (error) {
    throw whyNot(path, error)
  }
  const stat = fstatSync(file)
  if (stat.isFile()) return file
  closeSync(file)
  throw noFile(path, stat)
}

/** That it can be opened: for libraries that open a path themselves. Errors as `openRegular`. */
export const checkRegular = (path: string): void => closeSync(openRegular(path))

/** A text file in UTF-8, without a byte order mark. Errors as `openRegular`. */
export function readText(path: string): string {
  const file = openRegular(path)
  try {
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '')
  } catch (error) {
    throw unreadable(path, error)
  } finally {
    closeSync(file)
  }
}

/** A file's bytes from `start` to `end`, both included; all of them by default. Errors of `openRegular` at once. */
export function streamRegular(
  path: string,
  range: { readonly start?: number; readonly end?: number } = {},
): ReadStream {
  return createReadStream(path, { ...range, fd: openRegular(path) })
}

/**
 * As `openRegular`, without blocking this thread.
 * @returns a handle, which the caller closes
 */
export async function openRegularAsync(path: string): Promise<FileHandle> {
  const file = await open(path, FLAGS).catch((error) => {
    throw whyNot(path, error)
  })
  const stat = await file.stat()
  if (stat.isFile()) return file
  await file.close()
  throw noFile(path, stat)
}

/**
 * A whole file, read without blocking this thread.
 *
 * @param most bytes of the largest that is read
 * @throws FilesError FILES_READ: as `openRegular`, or larger
 */
export async function readRegular(path: string, most = Number.POSITIVE_INFINITY): Promise<Buffer> {
  const file = await openRegularAsync(path)
  try {
    const { size } = await file.stat()
    if (size > most) throw tooLarge(path, size, most)
    return await file.readFile()
  } catch (error) {
    throw unreadable(path, error)
  } finally {
    await file.close()
  }
}

export const tooLarge = (path: string, size: number, most: number) =>
  new FilesError('FILES_READ', `${path}: ${size} bytes are more than the ${most} that are read.`)

/** What lies there instead of a file, as a message says it. */
export function kindOf(stat: Stats): string {
  if (stat.isDirectory()) return 'a folder'
  if (stat.isFIFO()) return 'a named pipe'
  return stat.isSocket() ? 'a socket' : 'a device'
}

const noFile = (path: string, stat: Stats) =>
  new FilesError('FILES_READ', `${path} is ${kindOf(stat)}, not a file.`)

/** A socket, and a device that is not there, cannot even be opened. */
function whyNot(path: string, error: unknown): FilesError {
  const isSocket = (error as NodeJS.ErrnoException).code === 'ENXIO'
  const stat = isSocket ? statSync(path, { throwIfNoEntry: false }) : undefined
  return stat && !stat.isFile() ? noFile(path, stat) : unreadable(path, error)
}
