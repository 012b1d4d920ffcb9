import { IMAGE_BYTES, IMAGE_SIZE } from '@arcface/vision'

const S = IMAGE_SIZE
const ROW = S * 3

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
    for (let i = 0; i < ROW; i++) {
      let sum = 0
      for (let k = 0, at = i; k < kernel.length; k++, at += 3) sum += kernel[k]! * line[at]!
      rows[y * ROW + i] = sum
    }
  }
  const sums = line.subarray(0, ROW)
  for (let y = 0; y < S; y++) {
    sums.fill(0)
    for (let k = 0; k < kernel.length; k++) {
      const weight = kernel[k]!
      const from = clamp(y + k - radius) * ROW
      for (let i = 0; i < ROW; i++) sums[i]! += weight * rows[from + i]!
    }
    for (let i = 0, to = y * ROW; i < ROW; i++) out[to + i] = Math.round(sums[i]!)
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
