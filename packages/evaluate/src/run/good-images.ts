import { setImmediate } from 'node:timers/promises'
import { decodeImage, isImageError, type People } from '@arcface/data'
import { IMAGE_BYTES } from '@arcface/vision'

/** Some images of a set. */
export interface GoodImages {
  /** Their places in the set. */
  readonly rows: readonly number[]
  /** Their pixels, one behind the other. */
  readonly pixels: Uint8Array
  /** Images up to here, those that are left out among them. */
  readonly done: number
}

/**
 * A set's images batch by batch, without those that cannot be decoded; a batch may be empty. Between them signals and timers
 * have their turn: decoding and a network are done without a pause, and nobody would hear Ctrl-C.
 * @param batch images that are decoded at once
 */
export async function* goodImages(
  samples: People['samples'],
  batch = 32,
): AsyncGenerator<GoodImages> {
  for (let start = 0; start < samples.length; start += batch) {
    const part = samples.slice(start, start + batch)
    const decoded = await Promise.all(
      part.map((sample) =>
        decodeImage(sample).catch((error: unknown) => {
          if (isImageError(error)) return null
          throw error
        }),
      ),
    )
    const good = decoded.flatMap((image, i) => (image ? [{ image, row: start + i }] : []))
    const pixels = new Uint8Array(good.length * IMAGE_BYTES)
    for (const [i, { image }] of good.entries()) pixels.set(image, i * IMAGE_BYTES)
    await setImmediate()
    yield { rows: good.map(({ row }) => row), pixels, done: start + part.length }
  }
}
