import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DataError, messageOf } from '../errors.js'

export const isRecords = (path: string): boolean => path.toLowerCase().endsWith('.rec')

/** The `.rec` in a folder: the only one, or `train.rec`. @throws DataError DATA_FILE */
export function findRecords(path: string): string {
  if (!isFolder(path)) return path
  const found = readdirSync(path).filter(isRecords)
  const [only = ''] = found.includes('train.rec') ? ['train.rec'] : found
  if (only === '' || (found.length > 1 && only !== 'train.rec'))
    throw new DataError(
      'DATA_FILE',
      `${path} holds ${found.length} .rec files; name the one to open.`,
    )
  return join(path, only)
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch (error) {
    throw new DataError('DATA_FILE', `${path} cannot be read: ${messageOf(error)}.`, error)
  }
}
