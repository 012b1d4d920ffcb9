import { decodeImage, IMAGE_BYTES, IMAGE_SIZE, type PairList } from '@arcface/data'
import { EvaluateError } from '../errors.js'
import { type VerificationResult, verification } from './verification.js'

/**
 * A model: n images (n x 112 x 112 x 3, RGB, uint8) to n embeddings, row-major. They need not be
 * normalised; the sum over an image and its mirror image is taken before normalising. The images
 * are the evaluation's, and valid until the promise settles.
 */
export type EmbedFn = (images: Uint8Array, n: number) => Promise<Float32Array>

export interface EmbedOptions {
  /** Images a call of the model. Default 32. */
  readonly batchSize?: number
  /** Called after each batch with the number of images done and of all. */
  readonly onProgress?: (done: number, total: number) => void
}

/** Embeddings of images and, where asked for, of their mirror images; N x dim each. */
interface ImageEmbeddings {
  readonly dim: number
  readonly plain: Float32Array
  readonly mirrored: Float32Array | undefined
}

/**
 * Runs a model over a list of pairs: decodes each image once, embeds it, and applies the protocol.
 * With `flip` an embedding is f(image) + f(mirror image), normalised; else f(image).
 * @throws EvaluateError; DataError for an image that cannot be decoded; whatever `embed` throws
 */
export async function evaluateVerification(
  pairs: PairList,
  embed: EmbedFn,
  options: EmbedOptions & { readonly flip?: boolean } = {},
): Promise<VerificationResult> {
  const { flip = false } = options
  const found = await embedFiles(pairs.images, embed, flip, options)
  return protocol(pairs, found.dim, flip ? flipSum(found) : found.plain)
}

/** Both results, without and with flip, for the price of the second. Errors as `evaluateVerification`. */
export async function evaluateVerificationBoth(
  pairs: PairList,
  embed: EmbedFn,
  options: EmbedOptions = {},
): Promise<{ plain: VerificationResult; flip: VerificationResult }> {
  const found = await embedFiles(pairs.images, embed, true, options)
  return {
    plain: protocol(pairs, found.dim, found.plain),
    flip: protocol(pairs, found.dim, flipSum(found)),
  }
}

function protocol(pairs: PairList, dim: number, embeddings: Float32Array): VerificationResult {
  const { a, b, same, folds, images } = pairs
  return verification({ embeddings, dim, a, b, same, folds, names: images })
}

function flipSum({ plain, mirrored }: ImageEmbeddings): Float32Array {
  return plain.map((value, i) => value + mirrored![i]!)
}

async function embedFiles(
  files: readonly string[],
  embed: EmbedFn,
  mirror: boolean,
  { batchSize = 32, onProgress }: EmbedOptions,
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
    const images = await next
    const n = images.length / IMAGE_BYTES
    // The next batch is decoded while the model works on this one.
    next = decodeBatch(files.slice(start + batchSize, start + 2 * batchSize))
    next.catch(() => {}) // reported when it is awaited, unless this batch fails first
    plain.push(await run(images, n))
    if (mirror) mirrored.push(await run(mirrorImages(images), n))
    onProgress?.(start + n, files.length)
  }
  return { dim: dim ?? 0, plain: concat(plain), mirrored: mirror ? concat(mirrored) : undefined }
}

async function decodeBatch(files: readonly string[]): Promise<Uint8Array> {
  const decoded = await Promise.all(files.map((file) => decodeImage(file)))
  const images = new Uint8Array(files.length * IMAGE_BYTES)
  decoded.forEach((image, i) => {
    images.set(image, i * IMAGE_BYTES)
  })
  return images
}

/** The images mirrored left to right; N x 112 x 112 x 3. */
export function mirrorImages(images: Uint8Array): Uint8Array {
  const mirrored = new Uint8Array(images.length)
  for (let pixel = 0; pixel < images.length / 3; pixel++) {
    const x = pixel % IMAGE_SIZE
    const from = 3 * pixel
    const to = 3 * (pixel - x + IMAGE_SIZE - 1 - x)
    mirrored[to] = images[from]!
    mirrored[to + 1] = images[from + 1]!
    mirrored[to + 2] = images[from + 2]!
  }
  return mirrored
}

function concat(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    all.set(part, offset)
    offset += part.length
  }
  return all
}
