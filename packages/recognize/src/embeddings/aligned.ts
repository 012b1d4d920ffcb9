import { stat } from 'node:fs/promises'
import { decodeImage, isImageError, openImage } from '@arcface/data'
import { readRegular } from '@arcface/files'
import type { Embedder } from '@arcface/vision'
import {
  IMAGE_SIZE,
  limitsOf,
  type QualityOption,
  qualityOfAligned,
  rejectionsOf,
} from '@arcface/vision'
import type { PhotoResult } from './rows.js'

/** Faces of a step. */
const BATCH = 32
/** Bytes of an aligned face's file, at most. */
const LARGEST = 2 ** 20

/**
 * Whether all are 112x112, as their headers say: aligned faces need no detector, and have no room around them for one.
 * What cannot be read does not count.
 */
export async function areAligned(paths: readonly string[]): Promise<boolean> {
  let readable = false
  for (let i = 0; i < paths.length; i += BATCH) {
    for (const size of await Promise.all(paths.slice(i, i + BATCH).map(sizeOf))) {
      if (size === undefined) continue
      if (size.width !== IMAGE_SIZE || size.height !== IMAGE_SIZE) return false
      readable = true
    }
  }
  return readable
}

/** In pixels; undefined where the file cannot be read. A large file is no aligned face, and need not be read to know that. */
async function sizeOf(path: string): Promise<{ width: number; height: number } | undefined> {
  try {
    if ((await stat(path)).size > LARGEST) return { width: 0, height: 0 }
    return await openImage(await readRegular(path, LARGEST), path)
  } catch {
    return undefined
  }
}

/** Embeddings of aligned faces, some at a time. @throws RecognizeError RECOGNIZE_RUN, RECOGNIZE_USE */
export async function* embedAligned(
  embedder: Embedder,
  paths: readonly string[],
  { flip = false, quality }: { readonly flip?: boolean; readonly quality?: QualityOption } = {},
): AsyncGenerator<readonly PhotoResult[]> {
  const { dim } = embedder
  const limits = limitsOf(quality)
  for (let i = 0; i < paths.length; i += BATCH) {
    const part = paths.slice(i, i + BATCH)
    const decoded = await Promise.all(part.map(decode))
    const images = decoded.filter((one) => typeof one !== 'string')
    const pixels = Buffer.concat(images)
    const { rows, norms } = await embedder.embedWithNorms(pixels, images.length, { flip })
    let row = 0
    yield part.map((path, k) => {
      const one = decoded[k]!
      if (typeof one === 'string') return { path, skipped: one }
      const norm = norms?.[row]
      const embedding = rows.slice(row * dim, ++row * dim)
      const aligned = qualityOfAligned(one)
      const rejected = rejectionsOf(aligned, limits)
      const known = { aligned, ...(norm !== undefined && { norm }) }
      return { path, faces: [{ path, face: null, rejected, embedding, ...known }] }
    })
  }
}

/** The pixels, or what is wrong with the file. */
async function decode(path: string): Promise<Uint8Array | string> {
  try {
    return await decodeImage(path)
  } catch (error) {
    if (isImageError(error)) return error.message
    throw error
  }
}
