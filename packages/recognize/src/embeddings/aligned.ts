import { DataError, decodeImage, IMAGE_SIZE } from '@arcface/data'
import sharp from 'sharp'
import type { Embedder } from '../embedder/embedder.js'
import type { PhotoResult } from './rows.js'

/** Faces of a step. */
const BATCH = 32

/**
 * Whether all are 112x112, as their headers say: aligned faces need no detector, and have no room around them for one.
 * What cannot be read does not count.
 */
export async function areAligned(paths: readonly string[]): Promise<boolean> {
  let readable = false
  for (let i = 0; i < paths.length; i += BATCH) {
    const sizes = paths.slice(i, i + BATCH).map((path) =>
      sharp(path)
        .metadata()
        .catch(() => undefined),
    )
    for (const size of await Promise.all(sizes)) {
      if (size === undefined) continue
      if (size.width !== IMAGE_SIZE || size.height !== IMAGE_SIZE) return false
      readable = true
    }
  }
  return readable
}

/** Embeddings of aligned faces, some at a time. @throws RecognizeError RECOGNIZE_RUN, RECOGNIZE_EMBEDDING, RECOGNIZE_USE */
export async function* embedAligned(
  embedder: Embedder,
  paths: readonly string[],
  { flip = false }: { readonly flip?: boolean } = {},
): AsyncGenerator<readonly PhotoResult[]> {
  const { dim } = embedder
  for (let i = 0; i < paths.length; i += BATCH) {
    const part = paths.slice(i, i + BATCH)
    const decoded = await Promise.all(part.map(decode))
    const images = decoded.filter((one) => typeof one !== 'string')
    const rows = await embedder.embed(Buffer.concat(images), images.length, { flip })
    let row = 0
    yield part.map((path, k) => {
      const one = decoded[k]!
      if (typeof one === 'string') return { path, skipped: one }
      const embedding = rows.slice(row * dim, ++row * dim)
      return { path, faces: [{ path, face: null, embedding }] }
    })
  }
}

/** The pixels, or what is wrong with the file. */
async function decode(path: string): Promise<Uint8Array | string> {
  try {
    return await decodeImage(path)
  } catch (error) {
    if (error instanceof DataError) return error.message
    throw error
  }
}
