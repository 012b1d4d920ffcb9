import { statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { kindOf } from '@arcface/vision'
import { GalleryError } from '../errors.js'

/** A path with a scheme (s3://, gs://, az://) is no folder here. */
export const isRemote = (where: string) => /^[a-z][a-z0-9+]+:\/\//.test(where)

/**
 * Where a gallery lies: the folder's absolute path, so that it stays when the process goes to another folder, or the
 * address of an object storage as it is.
 * @param given a path, a `file:` URL, or an address such as `s3://bucket/people`
 * @throws GalleryError GALLERY_USE
 */
export function placeOf(given: string | URL): string {
  const where = given instanceof URL ? given.href : given
  if (typeof where !== 'string' || where === '')
    throw new GalleryError(
      'GALLERY_USE',
      `a gallery is a folder's path, not ${where === '' ? 'an empty text' : kindOf(where)}`,
    )
  if (!/^file:/i.test(where)) return isRemote(where) ? where : resolve(where)
  try {
    if (!/^file:\/\/\/./i.test(where)) throw new Error('give a path, or file:///folder')
    return fileURLToPath(where)
  } catch (cause) {
    const { message } = cause as Error
    throw new GalleryError('GALLERY_USE', `${where} names no folder: ${message}`, { cause })
  }
}

/** @throws GalleryError GALLERY_USE where options of an object storage are none; values are not repeated */
export function checkStorage(options: unknown): void {
  if (options === undefined) return
  const isTexts =
    typeof options === 'object' &&
    options !== null &&
    Object.values(options).every((value) => typeof value === 'string')
  if (!isTexts) throw new GalleryError('GALLERY_USE', 'storage: texts by the names of the options')
}

/** The tables of every gallery. */
export const TABLES = ['gallery', 'people', 'faces'] as const

/**
 * Whether tables lie there; on object storage they may. To be asked before LanceDB is, which makes the folder that it is
 * named, or leaves a file of its own in it.
 * @throws what the file system has against a folder that may not be entered
 */
export function holdsTables(where: string): boolean {
  if (isRemote(where)) return true
  const isFolder = (path: string) =>
    statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
  return isFolder(where) && TABLES.some((name) => isFolder(join(where, `${name}.lance`)))
}
