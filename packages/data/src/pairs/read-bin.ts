import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { readWhole } from '@arcface/files'
import { whatIsIt } from '@arcface/onnx'
import { DataError } from '../errors.js'
import type { NamedBytes } from '../images/source.js'
import { NumpyArray, plainGlobals } from '../pickle/numpy.js'
import { unpickle } from '../pickle/unpickle.js'
import type { PairList } from './list.js'

/** The pairs of a verification `.bin`; `images` holds every image once, of which the file may have copies. */
export interface BinPairs extends PairList {
  images: NamedBytes[]
}

/**
 * Reads InsightFace's verification set: a pickle of (encoded images, same or not), two images a pair, by Python 2 or
 * 3, images as bytes or as numpy arrays of bytes. The file is read by a restricted reader that runs nothing.
 *
 * @param folds equal consecutive parts of the list; 10 as published, where there are fewer pairs as many as there are
 * @returns the images are views of the file's bytes, which stay in memory as long as one of them does
 * @throws FilesError FILES_READ; DataError DATA_PICKLE, DATA_PICKLE_CODE, DATA_BIN
 */
export function readBin(path: string, folds = 10): BinPairs {
  const bytes = readWhole(path)
  const what = whatIsIt(bytes)
  if (what !== undefined) throw new DataError('DATA_BIN', `${path} is ${what}.`)
  const { value } = unpickle(bytes, { name: path, globals: plainGlobals })
  const broken = (why: string) =>
    new DataError(
      'DATA_BIN',
      `${path} is no verification set: ${why}. Expected a pickle of (list of encoded images, list of same or not).`,
    )
  if (!Array.isArray(value) || value.length !== 2) throw broken('it is no pair of lists')
  const [bins, flags] = value
  if (!Array.isArray(bins)) throw broken('its first part is no list of images')
  if (!Array.isArray(flags) && !(flags instanceof NumpyArray))
    throw broken('its second part is no list')
  const same = Uint8Array.from(flags as Iterable<unknown>, (flag) => {
    if (flag === true || flag === 1) return 1
    if (flag === false || flag === 0) return 0
    throw broken('its second part holds what is neither true nor false')
  })
  const pairs = same.length
  if (bins.length !== 2 * pairs || pairs === 0)
    throw broken(`${bins.length} images are not two for each of ${pairs} pairs`)
  // The same image stands in several pairs, as often in the file; it is embedded once.
  const known = new Map<string, number>()
  const seen = new Map<Buffer, number>()
  const images: NamedBytes[] = []
  const positions = bins.map((bin: unknown, i) => {
    const bytes =
      bin instanceof NumpyArray && bin.isBytes && bin.shape.length === 1 ? bin.bytes : bin
    if (!Buffer.isBuffer(bytes)) throw broken(`image ${i} is no bytes`)
    // A pickle may name one image a million times.
    const before = seen.get(bytes)
    if (before !== undefined) return before
    const digest = createHash('sha256').update(bytes).digest('base64')
    const position = known.get(digest) ?? images.length
    if (position === images.length) {
      known.set(digest, position)
      images.push({ name: `${basename(path)}, image ${i}`, bytes })
    }
    seen.set(bytes, position)
    return position
  })
  return {
    images,
    a: Int32Array.from(same, (_, p) => positions[2 * p]!),
    b: Int32Array.from(same, (_, p) => positions[2 * p + 1]!),
    same,
    folds: Math.min(folds, pairs),
  }
}
