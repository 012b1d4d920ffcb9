import type { Point } from '../align/similarity.js'
import type { JudgedDetection } from '../detect/plausible.js'
import { luma } from '../image/luma.js'
import { IMAGE_SIZE } from '../image/size.js'
import { type Light, lightOf } from './light.js'
import { MIDDLE } from './middle.js'
import { type Pose, poseInPicture } from './pose.js'

/** How good a picture of a face is; beside it the detector's score counts. */
export interface Quality extends Pose, Light {
  /** Distance between the eyes in the photograph, pixels: below some 14 a face is guessed rather than seen. */
  readonly eyes: number
  /** From 0 to 1: whether the points are a face's, see `JudgedDetection`. */
  readonly plausibility: number
  /** See `sharpnessOf`: low where the face is blurred, or moved. */
  readonly sharpness: number
  /** See `noiseOf`: high where a face can hardly be seen for noise. */
  readonly noise: number
  /** See `flatOf`: high where little more than the blocks of a JPEG is left of a face. */
  readonly flat: number
}

/** @param face aligned, 112 x 112 x 3 */
export function qualityOf({ points, plausibility }: JudgedDetection, face: Uint8Array): Quality {
  const [left, right] = points as [Point, Point]
  const eyes = Math.hypot(right.x - left.x, right.y - left.y)
  return {
    ...{ eyes, plausibility },
    ...textureOf(face),
    ...poseInPicture(points),
    ...lightOf(face),
  }
}

/** What is looked at: half the aligned face's side, where noise counts less, and what blur leaves over is not yet seen. */
const SIDE = IMAGE_SIZE / 2
/** From a pixel to the next: right, down, and along both diagonals, where it lies farther. */
const DIRECTIONS = [
  { step: 1, square: 1 },
  { step: SIDE, square: 1 },
  { step: SIDE + 1, square: 2 },
  { step: SIDE - 1, square: 2 },
]

/** How sharp an aligned face is, how noisy (of grey values, each the mean of four pixels), and how flat. */
export function textureOf(face: Uint8Array): Pick<Quality, 'sharpness' | 'noise' | 'flat'> {
  const fine = new Float64Array(IMAGE_SIZE * IMAGE_SIZE)
  for (let i = 0; i < fine.length; i++) fine[i] = luma(face, 3 * i)
  const grey = greyOf(fine)
  return { sharpness: sharpnessOf(grey), noise: noiseOf(grey, fine), flat: flatOf(fine) }
}

/**
 * Variance of the second difference in that of four directions in which it is least, grey levels squared: out of focus a
 * face is smooth in all directions, moved only in one, which the Laplacian overlooks (Pech-Pacheco et al. 2000).
 */
const sharpnessOf = (grey: Float32Array): number =>
  Math.min(
    ...DIRECTIONS.map(({ step, square }) =>
      variance((at) => (grey[at - step]! + grey[at + step]! - 2 * grey[at]!) / square),
    ),
  )

/** Sum of the squares of the mask that sees noise. */
const MASK = 36

/**
 * Variance of the noise (by the difference of two Laplacians, which sees noise rather than edges, Immerkaer 1996) over the
 * standard deviation of the greys, grey levels: the less contrast a face has, the less noise it bears.
 */
function noiseOf(grey: Float32Array, fine: Float64Array): number {
  const noise = variance((at) => {
    const corners =
      grey[at - SIDE - 1]! + grey[at - SIDE + 1]! + grey[at + SIDE - 1]! + grey[at + SIDE + 1]!
    const sides = grey[at - 1]! + grey[at + 1]! + grey[at - SIDE]! + grey[at + SIDE]!
    return corners - 2 * sides + 4 * grey[at]!
  })
  const contrast = variance((at) => fine[at]!, IMAGE_SIZE)
  return contrast === 0 ? 0 : noise / MASK / Math.sqrt(contrast)
}

/** Share of the pixels of eyes, nose and mouth whose Laplacian is 0: few where a lens saw them. */
function flatOf(fine: Float64Array): number {
  let [flat, count] = [0, 0]
  for (let y = MIDDLE.top; y < MIDDLE.bottom; y++)
    for (let x = MIDDLE.left; x < MIDDLE.right; x++, count++) {
      const at = y * IMAGE_SIZE + x
      const around = fine[at - 1]! + fine[at + 1]! + fine[at - IMAGE_SIZE]! + fine[at + IMAGE_SIZE]!
      if (Math.abs(around - 4 * fine[at]!) < 0.05) flat++
    }
  return flat / count
}

/** SIDE x SIDE. */
function greyOf(fine: Float64Array): Float32Array {
  const grey = new Float32Array(SIDE * SIDE)
  for (let y = 0; y < IMAGE_SIZE; y++)
    for (let x = 0; x < IMAGE_SIZE; x++) {
      grey[(y >> 1) * SIDE + (x >> 1)]! += fine[y * IMAGE_SIZE + x]! / 4
    }
  return grey
}

/** Of the values that pixels have, border left out. */
function variance(of: (at: number) => number, side = SIDE): number {
  let [sum, squares] = [0, 0]
  for (let y = 1; y < side - 1; y++)
    for (let x = 1; x < side - 1; x++) {
      const value = of(y * side + x)
      sum += value
      squares += value * value
    }
  const count = (side - 2) ** 2
  return Math.max(0, squares / count - (sum / count) ** 2)
}
