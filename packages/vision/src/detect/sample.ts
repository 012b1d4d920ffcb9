import type { Photo } from '../image/photo.js'
import type { Box } from './detection.js'

/** Samples a pixel is the mean of, each way, at most. */
const SAMPLES = 4

/**
 * A square of a photograph as `side` x `side` pixels, each the mean of what it covers; black beyond the border.
 * @returns RGB, rows of pixels (HWC), 0 to 255
 */
export function sampleSquare(
  { width, height, pixels }: Photo,
  square: Box,
  side: number,
): Float32Array {
  const out = new Float32Array(side * side * 3)
  const step = square.width / side
  const samples = Math.min(SAMPLES, Math.max(1, Math.round(step)))
  const share = 1 / (samples * samples)
  for (let v = 0, to = 0; v < side; v++)
    for (let u = 0; u < side; u++, to += 3) {
      let [red, green, blue] = [0, 0, 0]
      for (let j = 0; j < samples; j++)
        for (let i = 0; i < samples; i++) {
          const x = Math.floor(square.x + (u + (i + 0.5) / samples) * step)
          const y = Math.floor(square.y + (v + (j + 0.5) / samples) * step)
          if (x < 0 || y < 0 || x >= width || y >= height) continue
          const at = (y * width + x) * 3
          red += pixels[at]!
          green += pixels[at + 1]!
          blue += pixels[at + 2]!
        }
      out[to] = red * share
      out[to + 1] = green * share
      out[to + 2] = blue * share
    }
  return out
}
