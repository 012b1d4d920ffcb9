import { IMAGE_SIZE } from './size.js'

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
