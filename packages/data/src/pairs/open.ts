import { extname } from 'node:path'
import { DataError } from '../errors.js'
import type { PairList } from './list.js'
import { readPairs } from './pairs.js'
import { readBin } from './read-bin.js'

const ENDINGS = ['.bin', '.txt', '.csv']

/** Whether a file is one of pairs, by the ending of its name. */
export const isPairs = (file: string): boolean => ENDINGS.includes(extname(file).toLowerCase())

/**
 * Opens pairs for verification: a `.bin`, which holds its images, a list in the format of LFW's pairs.txt, or a plain one.
 *
 * @param imageDir where the images of a list lie
 * @throws DataError as `readBin` and `readPairs`; DATA_OPTION for a list without `imageDir`
 */
export function openPairs(file: string, imageDir?: string): PairList {
  if (extname(file).toLowerCase() === '.bin') return readBin(file)
  if (imageDir === undefined)
    throw new DataError(
      'DATA_OPTION',
      `${file} is a list of pairs; say in which folder its images lie (only a .bin holds them itself).`,
    )
  return readPairs(file, imageDir)
}
