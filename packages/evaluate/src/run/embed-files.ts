import { decodeImage, type ImageSource } from '@arcface/data'
import { IMAGE_BYTES, mirrorImages } from '@arcface/vision'
import type { EmbedFn, ImageEmbeddings } from '../embeddings/embed.js'
import { joinRows } from '../embeddings/rows.js'
import { EvaluateError } from '../errors.js'

export interface EmbedOptions {
  /** Images a call of the model. Default 32. */
  readonly batchSize?: number
  /** Called after each batch with the number of images done and of all. */
  readonly onProgress?: (done: number, total: number) => void
  /** Ends the work before its next batch: then its reason is thrown. */
  readonly signal?: AbortSignal
}

/**
 * Embeddings of image files, each decoded once: `plain` of the image, `mirrored` of its mirror image
 * where `mirror` asks for it; as the model gives them.
 * @throws EvaluateError EVALUATE_OPTION, EVALUATE_SHAPE; DataError for an image that cannot be
 *   decoded; whatever `embed` throws; the signal's reason
 */
export async function embedFiles(
  files: readonly ImageSource[],
  embed: EmbedFn,
  mirror: boolean,
  { batchSize = 32, onProgress, signal }: EmbedOptions,
): Promise<ImageEmbeddings> {
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new EvaluateError('EVALUATE_OPTION', `a batch holds 1 image or more, not ${batchSize}`)
  }
  const plain: Float32Array[] = []
  const mirrored: Float32Array[] = []
  let dim: number | undefined
  const run = async (images: Uint8Array, n: number) => {
    const rows = await embed(images, n)
    dim ??= rows.length / n
    if (rows.length !== n * dim || !Number.isInteger(dim) || dim < 1) {
      throw new EvaluateError(
        'EVALUATE_SHAPE',
        `the model gave ${rows.length} numbers for ${n} images; expected ${n} embeddings of one length`,
      )
    }
    return rows
  }

  let next = decodeBatch(files.slice(0, batchSize))
  for (let start = 0; start < files.length; start += batchSize) {
    signal?.throwIfAborted()
    const images = await next
    const n = images.length / IMAGE_BYTES
    // The next batch is decoded while the model works on this one.
    next = decodeBatch(files.slice(start + batchSize, start + 2 * batchSize))
    next.catch(() => {}) // reported when it is awaited, unless this batch fails first
    plain.push(await run(images, n))
    if (mirror) mirrored.push(await run(mirrorImages(images), n))
    onProgress?.(start + n, files.length)
  }
  return {
    dim: dim ?? 0,
    plain: joinRows(plain),
    mirrored: mirror ? joinRows(mirrored) : undefined,
  }
}

async function decodeBatch(files: readonly ImageSource[]): Promise<Uint8Array> {
  const decoded = await Promise.all(files.map((file) => decodeImage(file)))
  const images = new Uint8Array(files.length * IMAGE_BYTES)
  decoded.forEach((image, i) => {
    images.set(image, i * IMAGE_BYTES)
  })
  return images
}
