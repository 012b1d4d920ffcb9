import { decodeImage, isImageError, type People, thumbnails } from '@arcface/data'
import {
  BEST_QUALITY,
  IMAGE_BYTES,
  limitsOf,
  type QualityLimits,
  type Rejection,
  rejectionsOf,
  textureOf,
} from '@arcface/vision'
import type { EmbedFn } from '../../embeddings/embed.js'
import { joinRows, normalizeRows } from '../../embeddings/rows.js'
import { goodImages } from '../good-images.js'
import { telling, type WorkOptions } from '../work.js'

/** What is known of each image that can be decoded. */
export interface Looked {
  /** L2-normalised, a row an image. */
  readonly rows: Float32Array
  readonly dim: number
  /** Their thumbnails, a row an image. */
  readonly thumbs: Float32Array
  /** Position in `samples` of each row. */
  readonly places: readonly number[]
  readonly texture: readonly Texture[]
  /** Positions of images that cannot be decoded, and why. */
  readonly unreadable: readonly { readonly place: number; readonly message: string }[]
}

/** Of a face that is aligned already nothing else of its quality can be known. */
export interface Texture {
  readonly sharpness: number
  readonly noise: number
  readonly flat: number
  readonly rejected: readonly Rejection[]
}

/** Decodes and embeds every image once. */
export async function look(
  { samples }: People,
  embed: EmbedFn,
  options: WorkOptions,
): Promise<Looked> {
  const tell = telling(options, 'images')
  const limits = limitsOf()
  const [rows, thumbs]: [Float32Array[], Float32Array[]] = [[], []]
  const places: number[] = []
  const texture: Texture[] = []
  for await (const { rows: good, pixels, done } of goodImages(samples)) {
    if (good.length > 0) {
      const embeddings = await embed(pixels, good.length)
      rows.push(normalizeRows({ embeddings, dim: embeddings.length / good.length }))
      thumbs.push(thumbnails(pixels, good.length))
    }
    for (const [i, place] of good.entries()) {
      places.push(place)
      texture.push(judge(pixels.subarray(i * IMAGE_BYTES, (i + 1) * IMAGE_BYTES), limits))
    }
    tell(done, samples.length)
  }
  const seen = new Set(places)
  const unreadable = []
  for (const [place, sample] of samples.entries())
    if (!seen.has(place)) unreadable.push({ place, message: await whyNot(sample) })
  const joined = joinRows(rows.splice(0))
  return {
    rows: joined,
    dim: places.length > 0 ? joined.length / places.length : 0,
    thumbs: joinRows(thumbs.splice(0)),
    places,
    texture,
    unreadable,
  }
}

function judge(pixels: Uint8Array, limits: QualityLimits): Texture {
  const texture = textureOf(pixels)
  return { ...texture, rejected: rejectionsOf({ ...BEST_QUALITY, ...texture }, limits) }
}

/** Asked of the few that failed, so that the others need not keep it. */
async function whyNot(sample: People['samples'][number]): Promise<string> {
  try {
    await decodeImage(sample)
    return 'it could not be decoded, but can be now'
  } catch (error) {
    if (isImageError(error)) return error.message
    throw error
  }
}
