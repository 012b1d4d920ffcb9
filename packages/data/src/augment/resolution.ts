import { IMAGE_SIZE } from '@arcface/vision'

const S = IMAGE_SIZE

/** Box means on a `side` x `side` grid, enlarged bilinearly between their centres. In place. */
export function lowerResolution(out: Uint8Array, side: number): void {
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
