import type { Photo } from '../image/photo.js'
import { rowAdder } from './rows.js'

/** Side of the largest block: the sums of its columns have 16 bits. */
export const LARGEST_BLOCK = 256
/** A mean is a sum times so many whole parts of 1: faster than a division and a rounding. */
const PARTS = 2 ** 24

/**
 * A photograph whose pixels are the means of blocks of `side` x `side`, rounded to bytes; at the right and lower border
 * of what there is of a block.
 */
export function blockMeans(photo: Photo, side: number): Photo {
  const width = Math.ceil(photo.width / side)
  const height = Math.ceil(photo.height / side)
  const left = photo.width % side
  const pixels = new Uint8Array(width * height * 3)
  const addRows = rowAdder(photo, side)
  for (let row = 0; row < height; row++) {
    const rows = Math.min(side, photo.height - row * side)
    const sums = addRows(row * side, rows)
    const whole = pixels.subarray(row * width * 3, (row + 1) * width * 3 - (left > 0 ? 3 : 0))
    addColumns(sums, side, rows, whole)
    if (left > 0)
      addColumns(
        sums.subarray((photo.width - left) * 3),
        left,
        rows,
        pixels.subarray((row + 1) * width * 3 - 3, (row + 1) * width * 3),
      )
  }
  return { width, height, pixels }
}

/** Means of `columns` sums of `rows` pixels each. */
function addColumns(sums: Uint16Array, columns: number, rows: number, out: Uint8Array): void {
  const share = Math.round(PARTS / (rows * columns))
  let at = 0
  for (let to = 0; to < out.length; to += 3) {
    let red = 0
    let green = 0
    let blue = 0
    for (let column = 0; column < columns; column++, at += 3) {
      red = (red + sums[at]!) | 0
      green = (green + sums[at + 1]!) | 0
      blue = (blue + sums[at + 2]!) | 0
    }
    out[to] = (Math.imul(red, share) + PARTS / 2) >>> 24
    out[to + 1] = (Math.imul(green, share) + PARTS / 2) >>> 24
    out[to + 2] = (Math.imul(blue, share) + PARTS / 2) >>> 24
  }
}
