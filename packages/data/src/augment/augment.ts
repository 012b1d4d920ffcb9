import { DataError } from '../errors.js'
import { IMAGE_BYTES, IMAGE_SIZE } from '../images/decode.js'
import type { Random } from '../random/random.js'

/** Random changes of a training image. What is left out is off. */
export interface AugmentOptions {
  /** Mirror every second image. */
  flip?: boolean
  /** Largest shift along each axis, in pixels; the border is continued. */
  translate?: number
  /** Largest relative change of size: 0.1 draws factors from 0.9 to 1.1. */
  scale?: number
  /** Largest rotation about the centre, in radians. */
  rotate?: number
  /** Largest change of brightness, as a fraction of white. */
  brightness?: number
  /** Largest relative change of contrast about mid-grey. */
  contrast?: number
  /** Probability of dropping the colour. */
  grayscale?: number
  /** A grey square, its side uniform between two fractions of the image's side. */
  cutout?: { probability: number; minSize: number; maxSize: number }
  /** Shrink to a side uniform between `minSide` pixels and full size, and enlarge again. */
  lowResolution?: { probability: number; minSide: number }
}

const S = IMAGE_SIZE
const ROW = S * 3
const GREY = 127

/**
 * Augments one image. A pure function: the same image, options and state of `random` give the same bytes.
 *
 * @param image IMAGE_BYTES bytes, left as they are
 * @param out IMAGE_BYTES bytes that receive the result; must not overlap `image`
 */
export function augment(
  image: Uint8Array,
  options: AugmentOptions,
  random: Random,
  out: Uint8Array,
): void {
  const flip = options.flip === true && random.chance(0.5)
  const moved = {
    scale: 1 + symmetric(random, options.scale),
    angle: symmetric(random, options.rotate),
    dx: symmetric(random, options.translate),
    dy: symmetric(random, options.translate),
    flip,
  }
  if (moved.scale !== 1 || moved.angle !== 0 || moved.dx !== 0 || moved.dy !== 0)
    resample(image, out, moved)
  else if (flip) mirror(image, out)
  else out.set(image)

  const low = options.lowResolution
  if (low !== undefined && random.chance(low.probability))
    lowerResolution(out, Math.round(random.between(low.minSide, S)))

  const brightness = symmetric(random, options.brightness)
  const contrast = 1 + symmetric(random, options.contrast)
  if (brightness !== 0 || contrast !== 1) adjust(out, brightness, contrast)
  if (options.grayscale !== undefined && random.chance(options.grayscale)) dropColour(out)

  const cut = options.cutout
  if (cut !== undefined && random.chance(cut.probability)) {
    const side = Math.round(S * random.between(cut.minSize, cut.maxSize))
    const x = random.below(S - side + 1)
    const y = random.below(S - side + 1)
    for (let row = y; row < y + side; row++)
      out.fill(GREY, row * ROW + x * 3, row * ROW + (x + side) * 3)
  }
}

/** @throws DataError DATA_OPTION where a value makes no sense */
export function checkAugmentOptions(options: AugmentOptions): void {
  const { cutout, lowResolution } = options
  const ranges: [string, number | undefined, number, number][] = [
    ['translate', options.translate, 0, S / 2],
    ['scale', options.scale, 0, 0.9],
    ['rotate', options.rotate, 0, Math.PI],
    ['brightness', options.brightness, 0, 1],
    ['contrast', options.contrast, 0, 1],
    ['grayscale', options.grayscale, 0, 1],
    ['cutout.probability', cutout?.probability, 0, 1],
    ['cutout.maxSize', cutout?.maxSize, 0, 1],
    ['cutout.minSize', cutout?.minSize, 0, cutout?.maxSize ?? 1],
    ['lowResolution.probability', lowResolution?.probability, 0, 1],
    ['lowResolution.minSide', lowResolution?.minSide, 1, S],
  ]
  for (const [name, value, low, high] of ranges)
    if (value !== undefined && !(value >= low && value <= high))
      throw new DataError(
        'DATA_OPTION',
        `augment.${name} must be from ${low} to ${high}, but it is ${value}.`,
      )
}

function symmetric(random: Random, amount: number | undefined): number {
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

interface Similarity {
  scale: number
  /** Radians; positive turns the picture clockwise. */
  angle: number
  dx: number
  dy: number
  flip: boolean
}

const ONE = 1 << 16
const LAST = (S - 1) * ONE

/** Scales, turns, shifts, then mirrors, so that a shift means the same for both. Bilinear in 1/256, border continued. */
function resample(image: Uint8Array, out: Uint8Array, moved: Similarity): void {
  const { scale, angle, dx, dy, flip } = moved
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
      let from = row * ROW + column * 3
      let to = y * ROW + (flip ? S - 1 - x : x) * 3
      for (let c = 0; c < 3; c++, from++, to++) {
        const top = image[from]! * (256 - wx) + image[from + 3]! * wx
        const bottom = image[from + ROW]! * (256 - wx) + image[from + ROW + 3]! * wx
        out[to] = (top * (256 - wy) + bottom * wy + 32768) >> 16
      }
    }
  }
}

/** Box means on a `side` x `side` grid, enlarged bilinearly between their centres. In place. */
function lowerResolution(out: Uint8Array, side: number): void {
  if (side >= S) return
  const sums = new Float32Array(side * side * 3)
  const counts = new Float32Array(side * side)
  const cellOf = Int32Array.from({ length: S }, (_, i) => Math.floor(((i + 0.5) * side) / S))
  for (let y = 0, from = 0; y < S; y++)
    for (let x = 0; x < S; x++, from += 3) {
      const cell = cellOf[y]! * side + cellOf[x]!
      counts[cell]! += 1
      sums[cell * 3]! += out[from]!
      sums[cell * 3 + 1]! += out[from + 1]!
      sums[cell * 3 + 2]! += out[from + 2]!
    }
  for (let cell = 0; cell < counts.length; cell++)
    for (let c = 0; c < 3; c++) sums[cell * 3 + c]! /= counts[cell]!

  const last = side - 1
  for (let y = 0, to = 0; y < S; y++) {
    const v = Math.min(Math.max(((y + 0.5) * side) / S - 0.5, 0), last)
    const top = Math.floor(v)
    const above = top * side
    const below = Math.min(top + 1, last) * side
    for (let x = 0; x < S; x++) {
      const u = Math.min(Math.max(((x + 0.5) * side) / S - 0.5, 0), last)
      const left = Math.floor(u)
      const right = Math.min(left + 1, last)
      for (let c = 0; c < 3; c++, to++) {
        const high = mix(sums[(above + left) * 3 + c]!, sums[(above + right) * 3 + c]!, u - left)
        const low = mix(sums[(below + left) * 3 + c]!, sums[(below + right) * 3 + c]!, u - left)
        out[to] = Math.round(mix(high, low, v - top))
      }
    }
  }
}

function mix(a: number, b: number, weight: number): number {
  return a + (b - a) * weight
}

function adjust(out: Uint8Array, brightness: number, contrast: number): void {
  const table = new Uint8ClampedArray(256)
  for (let v = 0; v < 256; v++) table[v] = (v - 127.5) * contrast + 127.5 + brightness * 255
  for (let i = 0; i < IMAGE_BYTES; i++) out[i] = table[out[i]!]!
}

/** Luma of ITU-R BT.601 in 1/256. */
function dropColour(out: Uint8Array): void {
  for (let i = 0; i < IMAGE_BYTES; i += 3) {
    const luma = (77 * out[i]! + 150 * out[i + 1]! + 29 * out[i + 2]! + 128) >> 8
    out[i] = luma
    out[i + 1] = luma
    out[i + 2] = luma
  }
}
