import type { Random } from '@arcface/vision'

/** A power of two. */
const SIDE = 128

/** Smooth noise in -1..1 over a plane, about one hill a unit; it repeats after 128. */
export function grain(random: Random): (x: number, y: number) => number {
  const table = Float64Array.from({ length: SIDE * SIDE }, () => random.between(-1, 1))
  const at = (column: number, row: number) =>
    table[(row & (SIDE - 1)) * SIDE + (column & (SIDE - 1))]!
  const eased = (t: number) => t * t * (3 - 2 * t)
  return (x, y) => {
    const [left, top] = [Math.floor(x), Math.floor(y)]
    const [wx, wy] = [eased(x - left), eased(y - top)]
    const upper = at(left, top) * (1 - wx) + at(left + 1, top) * wx
    const lower = at(left, top + 1) * (1 - wx) + at(left + 1, top + 1) * wx
    return upper * (1 - wy) + lower * wy
  }
}
