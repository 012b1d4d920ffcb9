import { IMAGE_SIZE } from '@arcface/data'
import type { Point } from '../align/similarity.js'
import type { JudgedDetection } from '../detect/plausible.js'
import { type Pose, poseInPicture } from './pose.js'

/** How good a picture of a face is; beside it the detector's score counts. */
export interface Quality extends Pose {
  /** Distance between the eyes in the photograph, pixels: below some 14 a face is guessed rather than seen. */
  readonly eyes: number
  /** From 0 to 1: whether the points are a face's, see `JudgedDetection`. */
  readonly plausibility: number
  /** Variance of the Laplacian of the aligned face, grey levels squared: low where it is blurred. */
  readonly sharpness: number
}

/** @param face aligned, 112 x 112 x 3 */
export function qualityOf({ points, plausibility }: JudgedDetection, face: Uint8Array): Quality {
  const [left, right] = points as [Point, Point]
  const eyes = Math.hypot(right.x - left.x, right.y - left.y)
  return { eyes, plausibility, sharpness: sharpnessOf(face), ...poseInPicture(points) }
}

/** Variance of the Laplacian (four neighbours) of the grey values, border left out (Pech-Pacheco et al. 2000). */
export function sharpnessOf(face: Uint8Array): number {
  const size = IMAGE_SIZE
  const grey = Float32Array.from(
    { length: size * size },
    (_, i) => 0.299 * face[3 * i]! + 0.587 * face[3 * i + 1]! + 0.114 * face[3 * i + 2]!,
  )
  let [sum, squares] = [0, 0]
  for (let y = 1; y < size - 1; y++)
    for (let x = 1; x < size - 1; x++) {
      const at = y * size + x
      const value =
        grey[at - 1]! + grey[at + 1]! + grey[at - size]! + grey[at + size]! - 4 * grey[at]!
      sum += value
      squares += value * value
    }
  const count = (size - 2) ** 2
  return squares / count - (sum / count) ** 2
}
