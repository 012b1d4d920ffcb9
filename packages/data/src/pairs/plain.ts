import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { writeWhole } from '@arcface/files'
import { DataError } from '../errors.js'
import { isImageName } from '../images/format.js'
import { listField } from '../lists/field.js'
import { type FilePairs, FOLDS, PairsBuilder } from './list.js'
import { MissingImages } from './missing.js'

const SAME = new Map([
  ['1', true],
  ['true', true],
  ['0', false],
  ['false', false],
])

/**
 * A plain list of pairs, `first second same` a line: paths and 1 or 0 (or true, false), parted by commas, tabs or
 * spaces. Lines that begin with # are passed over, and a first line of column names where commas or tabs part it: none of
 * its fields is a number, an image by its ending or a path that exists. As many folds as a line `# folds 8` says, else ten in file order, as `.bin` sets have them.
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
  const missing = new MissingImages()
  const find = (where: string, image: string) => {
    const path = resolve(imageDir, image)
    if (!known.has(path) && !existsSync(path)) missing.add(where, path)
    known.add(path)
    return path
  }
  const isName = (field: string) =>
    !isNumber(field) && !isImageName(field) && !existsSync(resolve(imageDir, field))
  let isFirst = true
  let folds = FOLDS
  lines.forEach((line, i) => {
    const said = /^# folds (\d+)\s*$/.exec(line)
    if (said) folds = Number(said[1])
    if (line.trim() === '' || line.startsWith('#')) return
    const where = `${file}, line ${i + 1}`
    // Paths may have commas, and lists with tabs have them for fields.
    const separator = ['\t', ','].find((candidate) => line.includes(candidate))
    const fields = line
      .trim()
      .split(separator ?? /\s+/)
      .map((field) => field.trim().replace(/^"(.*)"$/, '$1'))
    const [first = '', second = '', flag = ''] = fields
    const same = SAME.get(flag.toLowerCase())
    const isHeader = isFirst && separator && fields.length === 3 && fields.every(isName)
    isFirst = false
    if (same === undefined && isHeader) return
    if (same === undefined || fields.length !== 3 || first === '' || second === '')
      throw new DataError(
        'DATA_PAIRS_FORMAT',
        `${where}: expected "first.jpg second.jpg 1" (0 for different people), or the header of LFW's pairs.txt ` +
          `("10 300") as the first line, but found "${line.slice(0, 80)}".`,
      )
    builder.add(find(where, first), find(where, second), same)
  })
  missing.refuse()
  if (builder.length === 0)
    throw new DataError('DATA_PAIRS_FORMAT', `${file}, line 1: the list holds no pair.`)
  return builder.build(Math.max(1, Math.min(folds, builder.length)))
}

const isNumber = (field: string) => field !== '' && Number.isFinite(Number(field))

/**
 * Writes a plain list as `parsePlainPairs` reads it, parted by tabs.
 *
 * @param folds equal parts in the order given; said in the list where they are not ten
 * @throws FilesError FILES_WRITE; DataError DATA_LIST for a name that no list can hold
 */
export function writePlainPairs(
  path: string,
  pairs: readonly (readonly [first: string, second: string, same: boolean])[],
  folds = FOLDS,
): void {
  const lines = pairs.map(
    ([first, second, same]) => `${field(first)}\t${field(second)}\t${same ? 1 : 0}\n`,
  )
  const head = folds === FOLDS ? '' : `# folds ${folds}\n`
  writeWhole(path, head + lines.join(''))
}

/** What a line would begin with that means something there gets `./` before it. */
function field(name: string): string {
  if (/\s$/.test(name))
    throw new DataError(
      'DATA_LIST',
      `${JSON.stringify(name)}: rename it; lists take spaces off the ends of names.`,
    )
  return listField(/^[#"\s]/.test(name) ? `./${name}` : name)
}
