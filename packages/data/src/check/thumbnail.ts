import { IMAGE_BYTES, IMAGE_SIZE } from '@arcface/vision'

const SIDE = 16
const CELL = IMAGE_SIZE / SIDE

/** Numbers of a thumbnail. */
export const THUMBNAIL = SIDE * SIDE

/**
 * What a picture looks like from afar, as a vector: 16 x 16 means of grey (ITU-R BT.601), without their mean, of length
 * 1. The product of two is their correlation, which encoding again, another size and another brightness hardly change.
 * An image of one grey has no such vector; it is 0.
 *
 * @param images count x IMAGE_BYTES, as `decodeImage` gives them
 * @returns count x THUMBNAIL
 */
export function thumbnails(images: Uint8Array, count: number): Float32Array {
  const all = new Float32Array(count * THUMBNAIL)
  for (let i = 0; i < count; i++)
    shrink(
      images.subarray(i * IMAGE_BYTES, (i + 1) * IMAGE_BYTES),
      all.subarray(i * THUMBNAIL, (i + 1) * THUMBNAIL),
    )
  return all
}

function shrink(image: Uint8Array, out: Float32Array): void {
  for (let y = 0, at = 0; y < IMAGE_SIZE; y++) {
    const row = Math.floor(y / CELL) * SIDE
    for (let x = 0; x < IMAGE_SIZE; x++, at += 3)
      out[row + Math.floor(x / CELL)]! +=
        0.299 * image[at]! + 0.587 * image[at + 1]! + 0.114 * image[at + 2]!
  }
  const mean = out.reduce((sum, value) => sum + value, 0) / THUMBNAIL
  const length = Math.hypot(...out.map((value) => value - mean))
  // What rounding leaves of one grey is no picture.
  const scale = length > 1e-3 * THUMBNAIL ? 1 / length : 0
  for (let k = 0; k < THUMBNAIL; k++) out[k] = (out[k]! - mean) * scale
}
