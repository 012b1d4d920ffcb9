import { statSync } from 'node:fs'
import { FilesError, isDiskFull as isFileSystemFull, messageOf } from '@arcface/files'
import { RecognizeError } from '@arcface/recognize'
import { GalleryError } from '../errors.js'
import { damagedKeys } from '../vault/slots.js'
import { KeyGone } from '../vault/vault.js'
import { isRemote } from './place.js'
import { remoteTroubleOf } from './remote-trouble.js'

/** What LanceDB says of files that are not there, not whole, or not what they were. */
const DAMAGE =
  /corrupt|decod|magic|not appear to be a lance|range|whole buffer|too small|not found|no such file|unexpected end|out of bounds|panic|utf-?8|invalid (flatbuffer|encoding|argument)|end of file/i

/** Runs work on a gallery's tables. @throws GalleryError instead of what LanceDB and the file system throw */
export async function guard<T>(where: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    // A product that fails is no trouble of the tables: its error says what it is.
    if (cause instanceof GalleryError || cause instanceof RecognizeError) throw cause
    throw troubleOf(where, cause)
  }
}

function troubleOf(where: string, cause: unknown): GalleryError {
  const message = messageOf(cause)
  if (isRemote(where) && !(cause instanceof FilesError || cause instanceof SyntaxError))
    return remoteTroubleOf(where, cause)
  if (isDiskFull(cause))
    return new GalleryError(
      'GALLERY_DISK_FULL',
      `${where}: the disk is full. What was acknowledged is there.`,
      { cause, hint: 'Make room and do the rest again.' },
    )
  if (
    /permission denied|EACCES|EPERM|EROFS|read-only file system|os error (1|13|30)\b/i.test(message)
  )
    return new GalleryError(
      'GALLERY_ACCESS',
      `${where} may not be read or written by this user${owners(where)}`,
      {
        cause,
        hint: "Files of a gallery are their owner's only: run as that user, or give it away with chown -R.",
      },
    )
  // Of the folder or the lock: no file of LanceDB's.
  if (cause instanceof FilesError) return new GalleryError('GALLERY_STORE', message, { cause })
  if (cause instanceof KeyGone) return damagedKeys(where, 'is of another time than its tables')
  if (cause instanceof SyntaxError || isDamage(cause)) {
    const [file] = /\w+\.lance\/[\w./-]+/.exec(message) ?? []
    return new GalleryError(
      'GALLERY_DAMAGED',
      `${where}: ${file ?? 'a file of it'} is damaged or gone`,
      {
        cause,
        hint: 'Copy the folder first; `checkGallery` says what is readable, and `exportReadable` saves that; otherwise take a backup.',
      },
    )
  }
  return new GalleryError('GALLERY_STORE', `${where}: ${short(message)}`, { cause })
}

/** Of LanceDB or the file system. */
export const isDiskFull = (cause: unknown) =>
  isFileSystemFull(cause) ||
  /no space left|quota exceeded|os error (28|122)\b/i.test(messageOf(cause))

/** Of LanceDB: files that it cannot read. */
export const isDamage = (cause: unknown) => DAMAGE.test(messageOf(cause))

/** Without the places in LanceDB's sources, and what else follows. */
const short = (message: string) =>
  message
    .split('\n')[0]!
    .split(/, \/|\s+Caused by:/)[0]!
    .slice(0, 200)

function owners(where: string): string {
  try {
    const own = process.getuid?.()
    return own === undefined ? '' : ` (${own}; the folder is ${statSync(where).uid}'s)`
  } catch {
    return '' // in a folder that may not be entered
  }
}
