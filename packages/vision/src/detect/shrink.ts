import type { Photo } from '../image/photo.js'
import { blockMeans, LARGEST_BLOCK } from './blocks.js'
import { planesOf } from './planes.js'
import { rowAdder } from './rows.js'
import { type Taps, triangles, wholeWeights } from './triangles.js'

/** Pixels a sample that are left when blocks of them are joined, at least. */
const LEFT = 2
/** Parts of 1 that the weights of rows are rounded to: sums of bytes have 16 bits. */
const PARTS = 256

/**
 * Writes a photograph as `columns` x `rows` pixels, fewer than its own, into the upper left part of three planes: each
 * the mean of what is about it, weighted by triangles that reach to the pixels beside (Pillow's BILINEAR), the border
 * repeated. Where a pixel is made of many, blocks of them are joined first, as libvips does. The same numbers on every
 * machine (whose words begin with the lowest byte).
 *
 * @param channels which of red, green and blue goes into each plane
 * @param mean a value p is written as (p - mean) * factor
 * @param out three planes of rows of `width` numbers, one after the other
 */
export function paintShrunk(
  photo: Photo,
  { columns, rows }: { readonly columns: number; readonly rows: number },
  channels: readonly number[],
  mean: number,
  factor: number,
  out: Float32Array,
  width: number,
): void {
  const ratio = Math.min(photo.width / columns, photo.height / rows)
  const side = Math.min(Math.max(1, Math.floor(ratio / LEFT)), LARGEST_BLOCK)
  const picture = side > 1 ? blockMeans(photo, side) : photo
  const x = triangles(picture.width, columns, photo.width / side / columns)
  const y = triangles(picture.height, rows, photo.height / side / rows)
  const weights = wholeWeights(y, PARTS)
  const addRows = rowAdder(picture, y.most)
  const [red, green, blue] = planesOf(channels, out)
  const scale = factor / PARTS
  const shift = -mean * factor
  for (let row = 0; row < rows; row++) {
    const from = row * y.most
    const sums = addRows(y.first[row]!, weights.subarray(from, from + y.count[row]!))
    const at = row * width
    addColumns(sums, x, scale, shift, out, at + red, at + green, at + blue)
  }
}

function addColumns(
  sums: Uint16Array,
  { first, count, weights, most }: Taps,
  scale: number,
  shift: number,
  out: Float32Array,
  red: number,
  green: number,
  blue: number,
): void {
  for (let column = 0; column < first.length; column++) {
    const from = column * most
    const end = from + count[column]!
    let r = 0
    let g = 0
    let b = 0
    for (let tap = from, at = 3 * first[column]!; tap < end; tap++, at += 3) {
      const weight = weights[tap]!
      r += weight * sums[at]!
      g += weight * sums[at + 1]!
      b += weight * sums[at + 2]!
    }
    out[red + column] = r * scale + shift
    out[green + column] = g * scale + shift
    out[blue + column] = b * scale + shift
  }
}
