import { decodeImage, isImageError, type People } from '@arcface/data'
import { IMAGE_BYTES } from '@arcface/vision'

/** Images that are decoded and embedded at once. */
const BATCH = 32

/** Some images of a set. */
export interface GoodImages {
  readonly samples: People['samples']
  /** Their pixels, one behind the other. */
  readonly pixels: Uint8Array
  /** Images up to here, those that are left out among them. */
  readonly done: number
}

/** A set's images batch by batch, without those that cannot be decoded; a batch may be empty. */
export async function* goodImages(samples: People['samples']): AsyncGenerator<GoodImages> {
  for (let start = 0; start < samples.length; start += BATCH) {
    const part = samples.slice(start, start + BATCH)
    const decoded = await Promise.all(
      part.map((sample) =>
        decodeImage(sample).catch((error: unknown) => {
          if (isImageError(error)) return null
          throw error
        }),
      ),
    )
    const good = decoded.filter((image) => image !== null)
    const pixels = new Uint8Array(good.length * IMAGE_BYTES)
    for (const [i, image] of good.entries()) pixels.set(image, i * IMAGE_BYTES)
    yield {
      samples: part.filter((_, i) => decoded[i] !== null),
      pixels,
      done: start + part.length,
    }
  }
}
