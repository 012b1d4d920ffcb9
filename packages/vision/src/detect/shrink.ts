import type { Photo } from '../image/photo.js'
import { planesOf } from './planes.js'
import { withColumns, withRows } from './reduce.js'

/**
 * Writes a photograph as `columns` x `rows` pixels, fewer than its own, into the upper left part of three planes: each
 * the mean of what is about it, weighted by triangles that reach to the pixels beside (Pillow's BILINEAR), the border
 * repeated. Where a pixel is made of many, blocks of them are joined first. The bytes are libvips's, on every machine (whose
 * words begin with the lowest byte), but for a few in a thousand that are a grey level or two away.
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
  const { pixels } = withColumns(withRows(photo, rows), columns)
  const [red, green, blue] = planesOf(channels, out)
  for (let row = 0, from = 0; row < rows; row++)
    for (let at = row * width; at < row * width + columns; at++, from += 3) {
      out[red + at] = (pixels[from]! - mean) * factor
      out[green + at] = (pixels[from + 1]! - mean) * factor
      out[blue + at] = (pixels[from + 2]! - mean) * factor
    }
}
