import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { DataError } from '../errors.js'
import { writeWhole } from '../files/write.js'
import { type FilePairs, PairsBuilder } from './list.js'

/** As LFW has it, and InsightFace takes it for its `.bin` sets. */
const FOLDS = 10
const SAME = new Map([
  ['1', true],
  ['true', true],
  ['0', false],
  ['false', false],
])

/**
 * A plain list of pairs, `first second same` a line: paths and 1 or 0 (or true, false), parted by commas, tabs or
 * spaces. A first line of column names is passed over where commas or tabs part it; so are lines that begin with #.
 * Ten folds in file order, as `.bin` sets have them.
 *
 * @param file name of the list, for messages
 * @param imageDir where relative paths begin
 * @throws DataError DATA_PAIRS_FORMAT, DATA_PAIRS_IMAGE (names the line)
 */
export function parsePlainPairs(
  file: string,
  lines: readonly string[],
  imageDir: string,
): FilePairs {
  const builder = new PairsBuilder()
  const known = new Set<string>()
  const find = (where: string, image: string) => {
    const path = resolve(imageDir, image)
    if (!known.has(path) && !existsSync(path))
      throw new DataError(
        'DATA_PAIRS_IMAGE',
        `${where}: ${path} is not there. Check the image folder, or take the line out of the list.`,
      )
    known.add(path)
    return path
  }
  lines.forEach((line, i) => {
    if (line.trim() === '' || line.startsWith('#')) return
    const where = `${file}, line ${i + 1}`
    const separator = [',', '\t'].find((candidate) => line.includes(candidate))
    const fields = line
      .trim()
      .split(separator ?? /\s+/)
      .map((field) => field.trim().replace(/^"(.*)"$/, '$1'))
    const [first = '', second = '', flag = ''] = fields
    const same = SAME.get(flag.toLowerCase())
    if (same === undefined && i === 0 && separator && fields.length === 3) return
    if (same === undefined || fields.length !== 3 || first === '' || second === '')
      throw new DataError(
        'DATA_PAIRS_FORMAT',
        `${where}: expected "first.jpg second.jpg 1" (0 for different people), or the header of LFW's pairs.txt ` +
          `("10 300") as the first line, but found "${line.slice(0, 80)}".`,
      )
    builder.add(find(where, first), find(where, second), same)
  })
  if (builder.length === 0)
    throw new DataError('DATA_PAIRS_FORMAT', `${file}, line 1: the list holds no pair.`)
  return builder.build(Math.min(FOLDS, builder.length))
}

/**
 * Writes a plain list as `parsePlainPairs` reads it, parted by tabs.
 * @throws DataError DATA_WRITE
 */
export function writePlainPairs(
  path: string,
  pairs: readonly (readonly [first: string, second: string, same: boolean])[],
): void {
  const lines = pairs.map(([first, second, same]) => `${first}\t${second}\t${same ? 1 : 0}\n`)
  writeWhole(path, lines.join(''))
}
