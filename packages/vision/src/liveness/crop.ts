import type { Photo } from '../image/photo.js'

/** A square of a picture, in its pixels; it may reach beyond the borders. */
export interface Square {
  readonly x: number
  readonly y: number
  readonly side: number
}

/** For each of the pixels along a side: what of the picture's it is made of. */
interface Taps {
  /** So many for each. */
  readonly count: number
  /** Places along the picture's side, beyond its ends reflected. */
  readonly places: Int32Array
  readonly weights: Float64Array
}

/**
 * A square of a photograph as `size` x `size` pixels, each the mean of what is about it, weighted by a triangle that
 * reaches to the pixels beside (bilinear where it is enlarged). Beyond the border the photograph is reflected, the last
 * pixel not repeated (OpenCV's BORDER_REFLECT_101).
 * @returns RGB, rows of pixels (HWC), 0 to 255
 */
export function cropSquare(photo: Photo, { x, y, side }: Square, size: number): Float32Array {
  const { width, height, pixels } = photo
  const across = tapsOf(x, side, size, width)
  const down = tapsOf(y, side, size, height)
  const out = new Float32Array(size * size * 3)
  const rows = new Map<number, Float32Array>()
  for (let v = 0; v < size; v++)
    for (let j = v * down.count; j < (v + 1) * down.count; j++) {
      const weight = down.weights[j]!
      if (weight === 0) continue
      const place = down.places[j]!
      let row = rows.get(place)
      if (row === undefined) {
        row = shrunkRow(pixels.subarray(place * width * 3, (place + 1) * width * 3), across, size)
        rows.set(place, row)
      }
      const to = v * size * 3
      for (let i = 0; i < row.length; i++) out[to + i]! += weight * row[i]!
    }
  return out
}

/** A row of pixels as `size` of them. */
function shrunkRow(line: Uint8Array, { count, places, weights }: Taps, size: number): Float32Array {
  const out = new Float32Array(size * 3)
  for (let u = 0, to = 0; u < size; u++, to += 3) {
    let [red, green, blue] = [0, 0, 0]
    for (let i = u * count; i < (u + 1) * count; i++) {
      const at = 3 * places[i]!
      const weight = weights[i]!
      red += weight * line[at]!
      green += weight * line[at + 1]!
      blue += weight * line[at + 2]!
    }
    out[to] = red
    out[to + 1] = green
    out[to + 2] = blue
  }
  return out
}

function tapsOf(start: number, length: number, size: number, limit: number): Taps {
  const step = length / size
  const reach = Math.max(1, step)
  const count = Math.ceil(2 * reach) + 1
  const places = new Int32Array(size * count)
  const weights = new Float64Array(size * count)
  for (let i = 0; i < size; i++) {
    const middle = start + (i + 0.5) * step
    const first = Math.floor(middle - reach)
    const own = weights.subarray(i * count, (i + 1) * count)
    let sum = 0
    for (let k = 0; k < count; k++) {
      own[k] = Math.max(0, 1 - Math.abs(first + k + 0.5 - middle) / reach)
      sum += own[k]!
      places[i * count + k] = reflected(first + k, limit)
    }
    for (let k = 0; k < count; k++) own[k]! /= sum
  }
  return { count, places, weights }
}

/** The pixel that stands at a place beyond the ends of `limit` pixels. */
export function reflected(place: number, limit: number): number {
  if (limit === 1) return 0
  const period = 2 * (limit - 1)
  const within = ((place % period) + period) % period
  return Math.min(within, period - within)
}
