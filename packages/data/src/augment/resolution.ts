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

  const { first, second, share } = between(side)
  const row = new Float64Array(side * 3)
  for (let y = 0, to = 0; y < S; y++) {
    const [above, below, weight] = [first[y]! * side, second[y]! * side, share[y]!]
    for (let i = 0; i < row.length; i++) row[i] = mix(sums[above + i]!, sums[below + i]!, weight)
    for (let x = 0; x < S; x++) {
      const [left, right, weight] = [first[x]!, second[x]!, share[x]!]
      out[to++] = mix(row[left]!, row[right]!, weight) + 0.5
      out[to++] = mix(row[left + 1]!, row[right + 1]!, weight) + 0.5
      out[to++] = mix(row[left + 2]!, row[right + 2]!, weight) + 0.5
    }
  }
}

/** For each pixel along a side the two cells whose centres it lies between, as places of their first colour, and how far. */
function between(side: number) {
  const [first, second] = [new Int32Array(S), new Int32Array(S)]
  const share = new Float64Array(S)
  for (let i = 0; i < S; i++) {
    const at = Math.min(Math.max(((i + 0.5) * side) / S - 0.5, 0), side - 1)
    const cell = Math.floor(at)
    first[i] = cell * 3
    second[i] = Math.min(cell + 1, side - 1) * 3
    share[i] = at - cell
  }
  return { first, second, share }
}

function mix(a: number, b: number, weight: number): number {
  return a + (b - a) * weight
}
