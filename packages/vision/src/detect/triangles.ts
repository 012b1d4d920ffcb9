/** How many pixels, one after the other, become fewer samples. */
export interface Reduction {
  /** So many pixels are joined to their mean first. */
  readonly block: number
  /** Means of each sample: the first one, which may lie before the border, as others may behind it: it is repeated. */
  readonly first: Int32Array
  /** `taps` of each sample, in parts of which `PARTS` are 1. */
  readonly weights: Int32Array
  readonly taps: number
}

/** Parts of 1 that weights are cut to. */
export const PARTS = 4096
/** Places between two pixels that samples are set to. */
const PLACES = 64
/** Pixels a sample that are left when blocks of them are joined, at least. */
const LEFT = 2
/** Of a block: sums of so many bytes have 16 bits. */
const LARGEST_BLOCK = 256

/**
 * Triangles that reach to the middles of the samples beside, over blocks of pixels where a sample is made of many: libvips's
 * `reduce` by its linear kernel, whose numbers these are, so that what Node does by it and a page does here are one picture.
 *
 * @param inSteps places are found by adding, as libvips does along a row, not by multiplying, as from row to row: a
 *   difference where they lie between two of the `PLACES`
 */
export function triangles(pixels: number, samples: number, inSteps: boolean): Reduction {
  const block = Math.min(Math.max(1, Math.floor(pixels / samples / LEFT)), LARGEST_BLOCK)
  // Handed on as a scale.
  const whole = 1 / (1 / (pixels / samples))
  const ratio = whole / block
  const offset = (1 + (samples * whole - pixels) / block) / 2 - 1
  const taps = 2 * rounded(ratio) + 1
  const masks = Array.from({ length: PLACES + 1 }, (_, i) => mask(ratio, taps, i / PLACES))
  const first = new Int32Array(samples)
  const weights = new Int32Array(samples * taps)
  let step = 0.5 * ratio - 0.5 - offset
  for (let sample = 0; sample < samples; sample++) {
    const at = inSteps ? step : (sample + 0.5) * ratio - 0.5 - offset
    step += ratio
    const place = (Math.trunc(at * PLACES * 2) & (PLACES * 2 - 1)) + 1
    first[sample] = Math.trunc(at) - (Math.ceil(taps / 2) - 1)
    weights.set(masks[place >> 1]!, sample * taps)
  }
  return { block, first, weights, taps }
}

function mask(ratio: number, taps: number, place: number): number[] {
  const middle = place + taps / 2 - 1
  const shares = Array.from({ length: taps }, (_, i) =>
    Math.max(0, 1 - Math.abs((i - middle) / ratio)),
  )
  const sum = shares.reduce((a, b) => a + b, 0)
  return shares.map((share) => Math.trunc((share / sum) * PARTS))
}

/** To the nearest whole number, of two that are as near to the even one. */
function rounded(value: number): number {
  const below = Math.floor(value)
  return value - below === 0.5 ? below + (below % 2) : Math.round(value)
}
