import type { Random } from '@arcface/vision'
import { IMAGE_SIZE } from '@arcface/vision'
import type { AugmentOptions } from './options.js'

/** Where the picture lies: scaled, turned about the centre, shifted, then mirrored. */
export interface Placement {
  flip: boolean
  scale: number
  /** Radians; positive turns the picture clockwise. */
  angle: number
  /** Pixels. */
  dx: number
  dy: number
}

const S = IMAGE_SIZE
const ROW = S * 3

export function drawPlacement(options: AugmentOptions, random: Random): Placement {
  return {
    flip: options.flip === true && random.chance(0.5),
    scale: 1 + symmetric(random, options.scale),
    angle: symmetric(random, options.rotate),
    dx: symmetric(random, options.translate),
    dy: symmetric(random, options.translate),
  }
}

/** Whether more than mirroring is done. */
export const moves = ({ scale, angle, dx, dy }: Placement): boolean =>
  scale !== 1 || angle !== 0 || dx !== 0 || dy !== 0

/** @param out receives the image; must not overlap it */
export function place(image: Uint8Array, placement: Placement, out: Uint8Array): void {
  if (moves(placement)) resample(image, out, placement)
  else if (placement.flip) mirror(image, out)
  else out.set(image)
}

/** Uniform within the limits, without a draw where there is nothing to draw. */
export function symmetric(random: Random, amount: number | undefined): number {
  return amount ? random.between(-amount, amount) : 0
}

function mirror(image: Uint8Array, out: Uint8Array): void {
  for (let y = 0; y < S; y++)
    for (let x = 0, to = y * ROW, from = to + ROW - 3; x < S; x++, to += 3, from -= 3) {
      out[to] = image[from]!
      out[to + 1] = image[from + 1]!
      out[to + 2] = image[from + 2]!
    }
}

const ONE = 1 << 16
const HALF = ONE / 2
const LAST = (S - 1) * ONE

/** Scales, turns, shifts, then mirrors, so that a shift means the same for both. Bilinear in 1/256, border continued. */
function resample(image: Uint8Array, out: Uint8Array, placement: Placement): void {
  const { scale, angle, dx, dy, flip } = placement
  const centre = (S - 1) / 2
  const cos = Math.cos(angle) / scale
  const sin = Math.sin(angle) / scale
  const stepU = Math.round(cos * ONE)
  const stepV = Math.round(-sin * ONE)
  for (let y = 0; y < S; y++) {
    // Where the row's first pixel reads from, in 1/65536 of a pixel.
    const right = -centre - dx
    const down = y - centre - dy
    let u = Math.round((cos * right + sin * down + centre) * ONE)
    let v = Math.round((cos * down - sin * right + centre) * ONE)
    for (let x = 0; x < S; x++, u += stepU, v += stepV) {
      const inU = u < 0 ? 0 : u > LAST ? LAST : u
      const inV = v < 0 ? 0 : v > LAST ? LAST : v
      const column = Math.min(inU >> 16, S - 2)
      const row = Math.min(inV >> 16, S - 2)
      const wx = (inU - column * ONE + 128) >> 8
      const wy = (inV - row * ONE + 128) >> 8
      // Whole numbers below 2^31 throughout.
      const d = wx * wy
      const c = (wy << 8) - d
      const b = (wx << 8) - d
      const a = ONE - b - c - d
      const from = row * ROW + column * 3
      const below = from + ROW
      const to = y * ROW + (flip ? S - 1 - x : x) * 3
      out[to] =
        (image[from]! * a +
          image[from + 3]! * b +
          image[below]! * c +
          image[below + 3]! * d +
          HALF) >>
        16
      out[to + 1] =
        (image[from + 1]! * a +
          image[from + 4]! * b +
          image[below + 1]! * c +
          image[below + 4]! * d +
          HALF) >>
        16
      out[to + 2] =
        (image[from + 2]! * a +
          image[from + 5]! * b +
          image[below + 2]! * c +
          image[below + 5]! * d +
          HALF) >>
        16
    }
  }
}
