import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf, readText, writeWhole } from '@arcface/files'
import { DataError } from '../errors.js'
import { IMAGE_EXTENSIONS } from '../images/format.js'
import { listField } from '../lists/field.js'
import { type FilePairs, FOLDS, PairsBuilder } from './list.js'
import { MissingImages } from './missing.js'
import { parsePlainPairs } from './plain.js'

/** An image as LFW names it: `name/name_0001.jpg` is `{ name, number: 1 }`. */
export interface ImageName {
  name: string
  number: number
}

/**
 * Reads a list of pairs. LFW's pairs.txt begins with `folds n` (or `n` for one fold): a fold has n matched and n
 * mismatched pairs; then a line a pair, `name i j` or `name i other j`, parted by tabs or spaces. Any other list is a
 * plain one, see `parsePlainPairs`.
 *
 * @param file the list
 * @param imageDir where `name/name_0001.jpg` (or .png, .webp) lies, or where the paths of a plain list begin
 * @throws DataError DATA_PAIRS_FORMAT, DATA_PAIRS_IMAGE (images are not there; names the first line, counts all)
 */
export function readPairs(file: string, imageDir: string): FilePairs {
  const lines = readList(file).split(/\r?\n/)
  return HEADER.test(lines[0]!)
    ? parseLfwPairs(file, lines, imageDir)
    : parsePlainPairs(file, lines, imageDir)
}

/** `10 300`, or one number: whatever else stands there, it is no image. */
const HEADER = /^[\d\s.-]*$/

/**
 * Reads a list of LFW's lines, whose first may be its header and need not be, as RFW's: then there are ten folds.
 * @throws DataError as `readPairs`; DATA_PAIRS_FORMAT where there is no pair
 */
export function readNamedPairs(file: string, imageDir: string): FilePairs {
  const lines = readList(file).split(/\r?\n/)
  if (lines[0]!.trim() !== '' && HEADER.test(lines[0]!)) return parseLfwPairs(file, lines, imageDir)
  const builder = gatherPairs(file, lines, 0, imageDir)
  if (builder.length === 0)
    throw new DataError('DATA_PAIRS_FORMAT', `${file}, line 1: the list holds no pair.`)
  return builder.build(Math.min(FOLDS, builder.length))
}

function parseLfwPairs(file: string, lines: readonly string[], imageDir: string): FilePairs {
  const { folds, pairsPerFold } = parseHeader(file, lines[0]!)
  const builder = gatherPairs(file, lines, 1, imageDir)
  if (builder.length !== folds * pairsPerFold)
    throw new DataError(
      'DATA_PAIRS_FORMAT',
      `${file} has ${builder.length} pairs, but its first line announces ${folds} x ${pairsPerFold}. ` +
        'Mend the first line or complete the list.',
    )
  return builder.build(folds)
}

/** The pairs of LFW's lines from that one on. */
function gatherPairs(
  file: string,
  lines: readonly string[],
  from: number,
  imageDir: string,
): PairsBuilder {
  const missing = new MissingImages()
  const find = imageFinder(imageDir, missing)
  const builder = new PairsBuilder()
  lines.forEach((line, i) => {
    if (i < from || line.trim() === '') return
    const where = `${file}, line ${i + 1}`
    const [first, second] = parsePair(where, line)
    builder.add(find(where, first), find(where, second), first.name === second.name)
  })
  missing.refuse()
  return builder
}

/**
 * Writes a list in the format that `readPairs` reads. Each fold must hold as many matched as mismatched pairs.
 *
 * @param folds the pairs of each fold; all folds of one length
 * @throws DataError DATA_PAIRS_FORMAT; FilesError FILES_WRITE; DataError DATA_LIST for a name with a tab or line break
 */
export function writePairs(
  file: string,
  folds: readonly (readonly (readonly [ImageName, ImageName])[])[],
): void {
  const half = (folds[0]?.length ?? 0) / 2
  const balanced = folds.every(
    (fold) =>
      fold.length === 2 * half && fold.filter(([x, y]) => x.name === y.name).length === half,
  )
  if (half === 0 || !balanced)
    throw new DataError(
      'DATA_PAIRS_FORMAT',
      `${file}: every fold needs the same number of matched and of mismatched pairs, at least one of each.`,
    )
  for (const { name } of folds.flat(2)) listField(name)
  const lines = folds
    .flat()
    .map(([x, y]) =>
      x.name === y.name
        ? `${x.name}\t${x.number}\t${y.number}`
        : `${x.name}\t${x.number}\t${y.name}\t${y.number}`,
    )
  writeWhole(file, `${folds.length}\t${half}\n${lines.join('\n')}\n`)
}

/** LFW's file name without its extension: `name_0001`. */
export function imageStem({ name, number }: ImageName): string {
  return `${name}_${String(number).padStart(4, '0')}`
}

function readList(file: string): string {
  try {
    return readText(file)
  } catch (error) {
    throw new DataError(
      'DATA_PAIRS_FORMAT',
      `the list of pairs ${messageOf(error)} Check the path.`,
      { cause: error },
    )
  }
}

function parseHeader(file: string, line: string): { folds: number; pairsPerFold: number } {
  const numbers = line.trim().split(/\s+/).map(Number)
  const [first = Number.NaN, second] = numbers
  if (numbers.length > 2 || !numbers.every((x) => Number.isSafeInteger(x) && x > 0))
    throw new DataError(
      'DATA_PAIRS_FORMAT',
      `${file}, line 1: expected "folds pairs" as in "10 300", or one number, but found "${line.slice(0, 80)}".`,
    )
  return second === undefined
    ? { folds: 1, pairsPerFold: 2 * first }
    : { folds: first, pairsPerFold: 2 * second }
}

function parsePair(where: string, line: string): [ImageName, ImageName] {
  // Names with spaces can stand in a list that is parted by tabs.
  const [name = '', i, third, fourth, ...rest] = line
    .trim()
    .split(line.includes('\t') ? '\t' : /\s+/)
  const [other, j] = fourth === undefined ? [name, third] : [third!, fourth]
  const [first, second] = [Number(i), Number(j)]
  const valid =
    Number.isSafeInteger(first) && Number.isSafeInteger(second) && first > 0 && second > 0
  if (!valid || rest.length > 0 || name === '' || other === '')
    throw new DataError(
      'DATA_PAIRS_FORMAT',
      `${where}: expected "name i j" or "name i other j", but found "${line.slice(0, 80)}".`,
    )
  return [
    { name, number: first },
    { name: other, number: second },
  ]
}

/** Looks images up with one listing a person: a list names each image many times. */
function imageFinder(
  imageDir: string,
  missing: MissingImages,
): (where: string, image: ImageName) => string {
  const listings = new Map<string, Set<string>>()
  return (where, image) => {
    let files = listings.get(image.name)
    if (files === undefined) {
      files = new Set(filesIn(join(imageDir, image.name)))
      listings.set(image.name, files)
    }
    const stem = imageStem(image)
    const extension = IMAGE_EXTENSIONS.find((candidate) => files.has(stem + candidate))
    const path = join(imageDir, image.name, stem + (extension ?? '.jpg'))
    if (extension === undefined) missing.add(where, path)
    return path
  }
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return [] // the missing image is reported with its line
  }
}
