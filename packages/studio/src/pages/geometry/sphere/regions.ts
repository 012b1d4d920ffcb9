import { boundaryHolders, type Margins, marginAdvantage } from '@arcface/evaluate'
import type { Vector } from './view.js'

/** No place of the sphere is at this pixel. */
export const OUTSIDE = 255

/**
 * Which of two classes holds what is seen at each pixel of a picture with `side` pixels a side, which the sphere fills: 1,
 * 2, 0 for none, or `OUTSIDE`. `centres` as they are seen.
 */
export function regionsOf(
  side: number,
  [first, second]: readonly [Vector, Vector],
  margins: Margins,
): Uint8Array {
  const { pixels, places } = grid(side)
  const to = ([right, up, near]: Vector) =>
    Float64Array.from(pixels, (_, i) => {
      const cosine = right * places[3 * i]! + up * places[3 * i + 1]! + near * places[3 * i + 2]!
      return Math.acos(Math.min(Math.max(cosine, -1), 1))
    })
  const holders = boundaryHolders(marginAdvantage(margins), to(first), to(second))
  const held = new Uint8Array(side * side).fill(OUTSIDE)
  pixels.forEach((pixel, i) => {
    held[pixel] = holders[i]!
  })
  return held
}

const grids = new Map<number, { pixels: Uint32Array; places: Float64Array }>()

/** The pixels on the sphere, and where each of them is: right, up, near. */
function grid(side: number) {
  const known = grids.get(side)
  if (known) return known
  const pixels: number[] = []
  const places: number[] = []
  for (let row = 0; row < side; row++)
    for (let column = 0; column < side; column++) {
      const right = (2 * (column + 0.5)) / side - 1
      const up = 1 - (2 * (row + 0.5)) / side
      const rest = 1 - right * right - up * up
      if (rest < 0) continue
      pixels.push(row * side + column)
      places.push(right, up, Math.sqrt(rest))
    }
  const made = { pixels: Uint32Array.from(pixels), places: Float64Array.from(places) }
  grids.set(side, made)
  return made
}
