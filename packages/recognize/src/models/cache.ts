import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { FilesError } from '@arcface/files'
import { RecognizeError } from '../errors.js'

/**
 * Where packs are kept: ARCFACE_CACHE, else `arcface` in the user's cache folder (XDG_CACHE_HOME).
 * @throws RecognizeError RECOGNIZE_CACHE for a user without a home, as in some containers
 */
export function cacheFolder(): string {
  const { ARCFACE_CACHE, XDG_CACHE_HOME = '' } = process.env
  // XDG's rule: a relative path is to be ignored.
  return ARCFACE_CACHE || join(isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : userCache(), 'arcface')
}

function userCache(): string {
  let home = ''
  try {
    home = homedir()
  } catch {} // the system knows no such user
  if (isAbsolute(home)) return join(home, '.cache')
  throw new RecognizeError(
    'RECOGNIZE_CACHE',
    'this user has no home folder, so there is no place for the models; set ARCFACE_CACHE to a folder for them',
  )
}

const REASONS: Record<string, string> = {
  EACCES: 'this user may not',
  EPERM: 'this user may not',
  EROFS: 'it lies on a file system that is read-only',
  ENOTDIR: 'a file is in its way',
  ENOSPC: 'the disk is full',
  EDQUOT: "the user's quota is used up",
}

/**
 * Work on the files of the cache.
 * @throws RecognizeError RECOGNIZE_CACHE where they cannot be read or written, with what to do; else as `work`
 */
export async function inCache<T>(cache: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const ofFile = error instanceof FilesError ? error.cause : error
    const { code = '', path, syscall } = (ofFile ?? {}) as NodeJS.ErrnoException
    const reason = syscall !== undefined && REASONS[code]
    if (!reason) throw error
    throw new RecognizeError(
      'RECOGNIZE_CACHE',
      `${path ?? cache}: the folder of the models cannot be used: ${reason} (${code}). Set ARCFACE_CACHE to a folder that you may write, or mend this one.`,
      { cause: error },
    )
  }
}
