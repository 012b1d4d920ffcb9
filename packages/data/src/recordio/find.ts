import { readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { FilesError, unreadable } from '@arcface/files'

export const isRecords = (path: string): boolean => path.toLowerCase().endsWith('.rec')

/** The `.rec` in a folder: the only one, or `train.rec`. @throws FilesError FILES_READ */
export function findRecords(path: string): string {
  if (!isFolder(path)) return path
  const found = readdirSync(path).filter(isRecords)
  const [only = ''] = found.includes('train.rec') ? ['train.rec'] : found
  if (only === '' || (found.length > 1 && only !== 'train.rec'))
    throw new FilesError(
      'FILES_READ',
      `${path} holds ${found.length} .rec files; name the one to open.`,
    )
  return join(path, only)
}

/** `faces.idx` beside `faces.rec`. */
export const indexPath = (path: string) => path.replace(/(\.rec)?$/i, '.idx')

/** `faces.lst` beside `faces.rec`. */
export const listPath = (path: string) => path.replace(/(\.rec)?$/i, '.lst')

/** `classes,height,width` lies in a file of this name in the folder of the `.rec`. */
export const propertyPath = (path: string) => join(dirname(path), 'property')

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch (error) {
    throw unreadable(path, error)
  }
}
