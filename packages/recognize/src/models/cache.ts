import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where packs are kept: ARCFACE_CACHE, else `arcface` in the user's cache folder (XDG_CACHE_HOME). */
export function cacheFolder(): string {
  const { ARCFACE_CACHE, XDG_CACHE_HOME } = process.env
  return ARCFACE_CACHE || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'arcface')
}
