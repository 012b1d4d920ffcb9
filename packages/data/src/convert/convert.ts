import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { FilesError, fittingName, makeFolder, writeWhole } from '@arcface/files'
import { imageFormat } from '@arcface/vision'
import type { FolderDataset } from '../folders/folders.js'
import { encodedImage, type ImageRef } from '../images/source.js'
import type { PairList } from '../pairs/list.js'
import { type ImageName, imageStem, writePairs } from '../pairs/pairs.js'
import { writePlainPairs } from '../pairs/plain.js'
import { writeBin } from '../pairs/write-bin.js'
import { writeRecords } from './write-records.js'

export interface ConvertOptions {
  /** Called with the number of images written so far. */
  onProgress?: (images: number) => void
  /** Told what was left as it is. */
  onWarning?: (message: string) => void
}

/**
 * Writes people as folders, `dir/person/person_0001.jpg`, with the encoded bytes as they are.
 *
 * @param dir is made; must be empty where it exists
 * @throws FilesError FILES_WRITE, FILES_READ; DataError DATA_RECORDS
 */
export function writeFolders(
  dir: string,
  dataset: FolderDataset,
  { onProgress }: ConvertOptions = {},
): void {
  makeEmpty(dir)
  let done = 0
  const taken = new Set<string>()
  for (const { name, images } of people(dataset)) {
    let plain = folderName(name)
    while (taken.has(fittingName(plain))) plain += '_'
    const folder = fittingName(plain)
    taken.add(folder)
    makeFolder(join(dir, folder))
    images.forEach((image, i) => {
      writeImage(dir, { name: folder, number: i + 1 }, encodedImage(image))
      onProgress?.(++done)
    })
  }
}

/**
 * Writes people as a `.rec` with `.idx`, `.lst` and `property`; see `writeRecords`.
 *
 * @throws DataError as `writeRecords`
 */
export function convertToRecords(
  path: string,
  dataset: FolderDataset,
  options: ConvertOptions = {},
): void {
  writeRecords(path, people(dataset), options)
}

/**
 * Writes pairs as a `.bin`, in their order.
 *
 * @throws DataError as `writeBin`; FilesError FILES_READ for an image that cannot be read
 */
export function convertToBin(path: string, pairs: PairList): void {
  const { images, a, b, same } = pairs
  const readers = Array.from(same, (_, p) => [a[p]!, b[p]!])
    .flat()
    .map((i) => () => encodedImage(images[i]!))
  writeBin(
    path,
    readers,
    Array.from(same, (s) => s === 1),
  )
}

/**
 * Writes the images of pairs as folders, and `pairs.txt` beside them: in LFW's format, or where the folds have not as
 * many matched as mismatched pairs, as a plain list. Nobody knows who is on them, so that a pair of one person is
 * `p000001/p000001_0001.jpg` and `..._0002.jpg`, and of two, `p000001a` and `p000001b`.
 *
 * @param dir is made; must be empty where it exists
 * @throws FilesError FILES_WRITE; FILES_READ for an image that cannot be read
 */
export function writePairFolder(dir: string, { images, a, b, same, folds }: PairList): void {
  makeEmpty(dir)
  const pairs = Array.from(same, (isSame, p): [ImageName, ImageName] => {
    const name = `p${String(p + 1).padStart(6, '0')}`
    return isSame === 1
      ? [
          { name, number: 1 },
          { name, number: 2 },
        ]
      : [
          { name: `${name}a`, number: 1 },
          { name: `${name}b`, number: 1 },
        ]
  })
  const paths = pairs.map((pair, p) => {
    const [first, second] = pair.map((image, k) => {
      makeFolder(join(dir, image.name))
      return writeImage(dir, image, encodedImage(images[(k === 0 ? a : b)[p]!]!))
    })
    return [first!, second!, same[p] === 1] as const
  })
  const list = join(dir, 'pairs.txt')
  const length = pairs.length / folds
  const inFolds = Array.from({ length: folds }, (_, f) => pairs.slice(f * length, (f + 1) * length))
  const balanced = inFolds.every((fold, f) => {
    const matched = same.subarray(f * length, (f + 1) * length).reduce((sum, s) => sum + s, 0)
    return fold.length === length && 2 * matched === length
  })
  if (balanced) writePairs(list, inFolds)
  else writePlainPairs(list, paths, folds)
}

/** The images of each class. */
function people({ classes, samples }: FolderDataset): { name: string; images: ImageRef[] }[] {
  const found = classes.map((name) => ({ name, images: [] as ImageRef[] }))
  for (const sample of samples) found[sample.label]!.images.push(sample)
  return found
}

/** A name from a list may hold anything. */
function folderName(name: string): string {
  const safe = name.replaceAll(/[/\\\0]/g, '_')
  return /^\.*$/.test(safe) ? `_${safe}` : safe
}

/** @returns its path below the folder */
function writeImage(dir: string, image: ImageName, bytes: Uint8Array): string {
  const path = `${image.name}/${fittingName(imageStem(image), extension(bytes))}`
  writeWhole(join(dir, path), bytes, { flushed: false })
  return path
}

/** By the first bytes; whatever is unknown is called .jpg, and named by whoever decodes it. */
function extension(bytes: Uint8Array): string {
  const format = imageFormat(bytes)
  return typeof format === 'string' && format !== 'jpeg' ? `.${format}` : '.jpg'
}

function makeEmpty(dir: string): void {
  makeFolder(dir)
  if (readdirSync(dir).length > 0)
    throw new FilesError('FILES_WRITE', `${dir} is not empty. Name a new folder.`)
}
