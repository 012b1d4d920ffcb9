import { IMAGE_SIZE } from '../image/size.js'
import { TEMPLATE } from './align.js'
import { type Point, similarity } from './similarity.js'

/** Places along a side of the aligned face that are looked at. */
const PLACES = 16

/** Share of the aligned face that would lie outside its photograph, 0 to 1: of a face that the picture's border cuts. */
export function outsideOf(
  points: readonly Point[],
  { width, height }: { readonly width: number; readonly height: number },
): number {
  const { a, b, tx, ty } = similarity(TEMPLATE, points)
  const place = (i: number) => ((i + 0.5) * IMAGE_SIZE) / PLACES
  let count = 0
  for (let v = 0; v < PLACES; v++)
    for (let u = 0; u < PLACES; u++) {
      const x = a * place(u) - b * place(v) + tx
      const y = b * place(u) + a * place(v) + ty
      if (!(x >= 0 && y >= 0 && x <= width && y <= height)) count++
    }
  return count / PLACES ** 2
}
