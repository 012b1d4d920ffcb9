import { VisionError } from '../errors.js'
import type { Photo } from '../image/photo.js'
import { IMAGE_SIZE } from '../image/size.js'
import { type Point, type Similarity, similarity } from './similarity.js'

/** Where eyes, nose and corners of the mouth stand in an aligned face, left and right as seen (InsightFace's). */
export const TEMPLATE: readonly Point[] = [
  { x: 38.2946, y: 51.6963 },
  { x: 73.5318, y: 51.5014 },
  { x: 56.0252, y: 71.7366 },
  { x: 41.5493, y: 92.3655 },
  { x: 70.7299, y: 92.2041 },
]

/**
 * Cuts an aligned face out of a photograph: the similarity that brings the five points nearest to the template, pixels
 * bilinear, black beyond the border.
 *
 * @param points left eye, right eye, nose, left and right corner of the mouth, as seen in the photograph
 * @returns 112 x 112 x 3 bytes, RGB, HWC
 * @throws VisionError VISION_USE if there are not five points, or they lie in one place
 */
export function alignFace(photo: Photo, points: readonly Point[]): Uint8Array {
  const finite =
    Array.isArray(points) && points.every(({ x, y }) => Number.isFinite(x) && Number.isFinite(y))
  const found = finite && points.length === TEMPLATE.length && similarity(points, TEMPLATE)
  if (!found || found.a ** 2 + found.b ** 2 < 1e-12) {
    throw new VisionError(
      'VISION_USE',
      'a face is aligned by five different points: eyes, nose, corners of the mouth',
    )
  }
  return warp(photo, found, IMAGE_SIZE)
}

/** size x size pixels of what `to` makes of the photograph. */
export function warp(
  { width, height, pixels }: Photo,
  { a, b, tx, ty }: Similarity,
  size: number,
): Uint8Array {
  const out = new Uint8Array(size * size * 3)
  // Backwards: where each pixel of the face comes from.
  const square = a * a + b * b
  const [c, s] = [a / square, b / square]
  const value = (x: number, y: number, channel: number) =>
    x < 0 || y < 0 || x >= width || y >= height ? 0 : pixels[(y * width + x) * 3 + channel]!
  for (let v = 0; v < size; v++) {
    for (let u = 0; u < size; u++) {
      const x = c * (u - tx) + s * (v - ty)
      const y = c * (v - ty) - s * (u - tx)
      const left = Math.floor(x)
      const top = Math.floor(y)
      if (left < -1 || top < -1 || left >= width || top >= height) continue
      const fx = x - left
      const fy = y - top
      const to = (v * size + u) * 3
      if (left >= 0 && top >= 0 && left + 1 < width && top + 1 < height) {
        const at = (top * width + left) * 3
        const down = at + width * 3
        // By hand for each channel, and rounded by what cuts off: in two thirds of the time.
        const [gx, gy] = [1 - fx, 1 - fy]
        const red = pixels[at]! * gx + pixels[at + 3]! * fx
        const redBelow = pixels[down]! * gx + pixels[down + 3]! * fx
        out[to] = red * gy + redBelow * fy + 0.5
        const green = pixels[at + 1]! * gx + pixels[at + 4]! * fx
        const greenBelow = pixels[down + 1]! * gx + pixels[down + 4]! * fx
        out[to + 1] = green * gy + greenBelow * fy + 0.5
        const blue = pixels[at + 2]! * gx + pixels[at + 5]! * fx
        const blueBelow = pixels[down + 2]! * gx + pixels[down + 5]! * fx
        out[to + 2] = blue * gy + blueBelow * fy + 0.5
        continue
      }
      for (let channel = 0; channel < 3; channel++) {
        const above = value(left, top, channel) * (1 - fx) + value(left + 1, top, channel) * fx
        const below =
          value(left, top + 1, channel) * (1 - fx) + value(left + 1, top + 1, channel) * fx
        out[to + channel] = Math.round(above * (1 - fy) + below * fy)
      }
    }
  }
  return out
}
