import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { unreadable } from '@arcface/files'
import { DataError } from '../errors.js'
import type { FilePairs } from './list.js'
import { readNamedPairs } from './pairs.js'

/** Pairs of one group of people. */
export interface GroupPairs {
  readonly name: string
  readonly pairs: FilePairs
}

/**
 * Lists of pairs by groups, as Racial Faces in the Wild has them (Wang et al. 2019): `African/African_pairs.txt`, a folder a
 * group, whose images lie in `African/name/name_0001.jpg` of the other folder. Lines are those of LFW's pairs.txt.
 *
 * @param lists RFW's `test/txts`
 * @param images RFW's `test/data`, aligned
 * @throws DataError DATA_PAIRS_FORMAT (also where there is no such list), DATA_PAIRS_IMAGE; FilesError FILES_READ
 */
export function readGroupPairs(lists: string, images: string): GroupPairs[] {
  const groups = foldersOf(lists).flatMap((name) => {
    const file = join(lists, name, `${name}_pairs.txt`)
    return existsSync(file) ? [{ name, pairs: readNamedPairs(file, join(images, name)) }] : []
  })
  if (groups.length > 0) return groups
  throw new DataError(
    'DATA_PAIRS_FORMAT',
    `${lists} holds no lists of pairs by groups: expected a folder a group with its list, as African/African_pairs.txt.`,
  )
}

function foldersOf(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => !entry.isFile())
      .map(({ name }) => name)
      .sort()
  } catch (cause) {
    throw unreadable(path, cause)
  }
}
