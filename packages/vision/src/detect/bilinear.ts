import type { Photo } from '../image/photo.js'
import { planesOf } from './planes.js'

/** Where a sample lies between two pixels. */
interface Between {
  /** Of the first and of the second pixel, `step` for each that lies before it. */
  readonly first: Int32Array
  readonly second: Int32Array
  /** Share of the second. */
  readonly share: Float32Array
}

/**
 * Writes a photograph as `columns` x `rows` pixels into the upper left part of three planes. Bilinear between middles of
 * pixels, the border repeated (OpenCV's INTER_LINEAR): for sizes that are not far below the photograph's.
 *
 * @param channels which of red, green and blue goes into each plane
 * @param mean a value p is written as (p - mean) * factor
 * @param out three planes of rows of `width` numbers, one after the other
 */
export function paintBilinear(
  { width: across, height: down, pixels }: Photo,
  { columns, rows }: { readonly columns: number; readonly rows: number },
  channels: readonly number[],
  mean: number,
  factor: number,
  out: Float32Array,
  width: number,
): void {
  const x = between(across, columns, 3)
  const y = between(down, rows, 3 * across)
  // All three planes at once: where the pixels lie is worked out once.
  const [red, green, blue] = planesOf(channels, out)
  for (let v = 0; v < rows; v++) {
    const above = y.first[v]!
    const below = y.second[v]!
    const lower = y.share[v]!
    const upper = 1 - lower
    let to = v * width
    for (let u = 0; u < columns; u++, to++) {
      const right = x.share[u]!
      const left = 1 - right
      const a = above + x.first[u]!
      const b = above + x.second[u]!
      const c = below + x.first[u]!
      const d = below + x.second[u]!
      const wa = upper * left
      const wb = upper * right
      const wc = lower * left
      const wd = lower * right
      out[to + red] =
        (wa * pixels[a]! + wb * pixels[b]! + wc * pixels[c]! + wd * pixels[d]! - mean) * factor
      out[to + green] =
        (wa * pixels[a + 1]! +
          wb * pixels[b + 1]! +
          wc * pixels[c + 1]! +
          wd * pixels[d + 1]! -
          mean) *
        factor
      out[to + blue] =
        (wa * pixels[a + 2]! +
          wb * pixels[b + 2]! +
          wc * pixels[c + 2]! +
          wd * pixels[d + 2]! -
          mean) *
        factor
    }
  }
}

function between(pixels: number, samples: number, step: number): Between {
  const [first, second] = [new Int32Array(samples), new Int32Array(samples)]
  const share = new Float32Array(samples)
  for (let i = 0; i < samples; i++) {
    const at = Math.min(Math.max(((i + 0.5) * pixels) / samples - 0.5, 0), pixels - 1)
    const whole = Math.floor(at)
    first[i] = whole * step
    second[i] = Math.min(whole + 1, pixels - 1) * step
    share[i] = at - whole
  }
  return { first, second, share }
}
