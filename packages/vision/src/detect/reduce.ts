import type { Photo } from '../image/photo.js'
import { meansOfColumns, meansOfRows } from './blocks.js'
import { PARTS, type Reduction, triangles } from './triangles.js'

const BITS = Math.log2(PARTS)
const HALF = PARTS / 2

/** A photograph with fewer rows: the means of those about each by triangles, rounded to bytes. */
export function withRows(photo: Photo, rows: number): Photo {
  const plan = triangles(photo.height, rows, false)
  const { width, height, pixels } = plan.block > 1 ? meansOfRows(photo, plan.block) : photo
  const length = width * 3
  const out = new Uint8Array(length * rows)
  const [half, sums] = [new Int32Array(length).fill(HALF), new Int32Array(length)]
  const line = (row: number) => {
    const from = Math.min(Math.max(row, 0), height - 1) * length
    return pixels.subarray(from, from + length)
  }
  for (let row = 0; row < rows; row++) {
    const { from, weights } = tapsOf(plan, row)
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, ...rest] = weights
    const lines = [0, 1, 2, 3, 4, 5].map((i) => line(from + i))
    sums.set(half)
    rest.forEach((weight, i) => {
      addLine(sums, line(from + 6 + i), weight)
    })
    const to = out.subarray(row * length, (row + 1) * length)
    writeLines(to, sums, lines, a, b, c, d, e, f)
  }
  return { width, height: rows, pixels: out }
}

function addLine(sums: Int32Array, line: Uint8Array, weight: number): void {
  for (let i = 0; i < sums.length; i++) sums[i]! += Math.imul(weight, line[i]!)
}

/** Six weighted lines and what is there already, as bytes; all at once, which is twice as fast as one by one. */
function writeLines(
  out: Uint8Array,
  sums: Int32Array,
  lines: readonly Uint8Array[],
  a: number,
  b: number,
  c: number,
  d: number,
  e: number,
  f: number,
): void {
  const [p, q, r, s, t, u] = lines as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ]
  for (let i = 0; i < out.length; i++)
    out[i] =
      (sums[i]! +
        Math.imul(a, p[i]!) +
        Math.imul(b, q[i]!) +
        Math.imul(c, r[i]!) +
        Math.imul(d, s[i]!) +
        Math.imul(e, t[i]!) +
        Math.imul(f, u[i]!)) >>
      BITS
}

/** A photograph with fewer columns, in the same way. */
export function withColumns(photo: Photo, columns: number): Photo {
  const plan = triangles(photo.width, columns, true)
  const { width, height, pixels } = plan.block > 1 ? meansOfColumns(photo, plan.block) : photo
  const { weights, taps } = plan
  const places = Int32Array.from(
    weights,
    (_, i) => 3 * Math.min(Math.max(plan.first[Math.floor(i / taps)]! + (i % taps), 0), width - 1),
  )
  const out = new Uint8Array(columns * height * 3)
  for (let row = 0, to = 0; row < height; row++) {
    const start = row * width * 3
    for (let column = 0, tap = 0; column < columns; column++, to += 3) {
      let red = HALF
      let green = HALF
      let blue = HALF
      for (const end = tap + taps; tap < end; tap++) {
        const weight = weights[tap]!
        const at = start + places[tap]!
        red = (red + Math.imul(weight, pixels[at]!)) | 0
        green = (green + Math.imul(weight, pixels[at + 1]!)) | 0
        blue = (blue + Math.imul(weight, pixels[at + 2]!)) | 0
      }
      out[to] = red >> BITS
      out[to + 1] = green >> BITS
      out[to + 2] = blue >> BITS
    }
  }
  return { width: columns, height, pixels: out }
}

/** Those of a sample that count. */
function tapsOf(
  { first, weights, taps }: Reduction,
  sample: number,
): { readonly from: number; readonly weights: Int32Array } {
  const own = weights.subarray(sample * taps, (sample + 1) * taps)
  const begin = own.findIndex((weight) => weight > 0)
  const end = own.findLastIndex((weight) => weight > 0) + 1
  return { from: first[sample]! + begin, weights: own.subarray(begin, end) }
}
