import { IMAGE_BYTES, IMAGE_SIZE } from '@arcface/vision'

const S = IMAGE_SIZE
const ROW = S * 3
/** Numbers of a row that are convolved downwards together. */
const STRIP = 28

/** Convolves with a Gaussian of `sigma` pixels, cut at three sigma, the border continued. In place. */
export function blur(out: Uint8Array, sigma: number): void {
  const radius = Math.ceil(3 * sigma)
  if (radius === 0) return
  const kernel = gaussian(sigma, radius)
  const rows = new Float32Array(IMAGE_BYTES)
  const line = new Float32Array((S + 2 * radius) * 3)
  for (let y = 0; y < S; y++) {
    for (let x = -radius, to = 0; x < S + radius; x++)
      for (let c = 0, from = y * ROW + clamp(x) * 3; c < 3; c++) line[to++] = out[from + c]!
    convolve(line, 3, kernel, rows, y * ROW)
  }
  const column = new Float32Array((2 * radius + S) * STRIP)
  const sums = new Float32Array(S * STRIP)
  for (let x = 0; x < ROW; x += STRIP) {
    for (let y = -radius, to = 0; y < S + radius; y++)
      for (let i = 0, from = clamp(y) * ROW + x; i < STRIP; i++) column[to++] = rows[from + i]!
    convolve(column, STRIP, kernel, sums, 0)
    for (let y = 0, from = 0; y < S; y++)
      for (let i = 0, to = y * ROW + x; i < STRIP; i++) out[to + i] = sums[from++]! + 0.5
  }
}

/** Four sums at once, which do not wait for each other. */
function convolve(
  from: Float32Array,
  stride: number,
  kernel: Float64Array,
  out: Float32Array,
  at: number,
): void {
  const count = from.length - (kernel.length - 1) * stride
  for (let i = 0; i < count; i += 4) {
    let [a, b, c, d] = [0, 0, 0, 0]
    for (let k = 0, next = i; k < kernel.length; k++, next += stride) {
      const weight = kernel[k]!
      a += weight * from[next]!
      b += weight * from[next + 1]!
      c += weight * from[next + 2]!
      d += weight * from[next + 3]!
    }
    out[at + i] = a
    out[at + i + 1] = b
    out[at + i + 2] = c
    out[at + i + 3] = d
  }
}

/** Weights at -radius .. radius, their sum 1. */
function gaussian(sigma: number, radius: number): Float64Array {
  const weights = Float64Array.from({ length: 2 * radius + 1 }, (_, k) =>
    Math.exp(-0.5 * ((k - radius) / sigma) ** 2),
  )
  const sum = weights.reduce((total, weight) => total + weight)
  return weights.map((weight) => weight / sum)
}

const clamp = (i: number) => (i < 0 ? 0 : i >= S ? S - 1 : i)
