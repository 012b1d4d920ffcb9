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
  const columns = offsets(square.x, step, side, samples, width, 3)
  const rows = offsets(square.y, step, side, samples, height, 3 * width)
  for (let v = 0, to = 0; v < side; v++)
    for (let u = 0; u < side; u++, to += 3) {
      let red = 0
      let green = 0
      let blue = 0
      for (let j = v * samples; j < (v + 1) * samples; j++) {
        const row = rows[j]!
        if (row < 0) continue
        for (let i = u * samples; i < (u + 1) * samples; i++) {
          const column = columns[i]!
          if (column < 0) continue
          const at = row + column
          red += pixels[at]!
          green += pixels[at + 1]!
          blue += pixels[at + 2]!
        }
      }
      out[to] = red * share
      out[to + 1] = green * share
      out[to + 2] = blue * share
    }
  return out
}

/** Where the samples of `side` pixels lie, `stride` for each pixel before; -1 beyond the border of `size` pixels. */
function offsets(
  start: number,
  step: number,
  side: number,
  samples: number,
  size: number,
  stride: number,
): Int32Array {
  const out = new Int32Array(side * samples)
  for (let i = 0; i < out.length; i++) {
    const [pixel, sample] = [Math.floor(i / samples), i % samples]
    const at = Math.floor(start + (pixel + (sample + 0.5) / samples) * step)
    out[i] = at >= 0 && at < size ? at * stride : -1
  }
  return out
}
