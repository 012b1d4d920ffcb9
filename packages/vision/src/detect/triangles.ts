/** Which pixels of a row or a column each sample is made of. */
export interface Taps {
  /** Of each sample: its first pixel, and how many there are. */
  readonly first: Int32Array
  readonly count: Int32Array
  /** `most` of each sample: those of its pixels, which sum to 1, then zeros. */
  readonly weights: Float64Array
  readonly most: number
}

/**
 * Triangles that reach to the middles of the samples beside, so that all pixels count alike; the border is repeated.
 *
 * @param ratio pixels a sample, 1 or more
 */
export function triangles(pixels: number, samples: number, ratio: number): Taps {
  const most = Math.min(Math.ceil(2 * ratio) + 1, pixels)
  const first = new Int32Array(samples)
  const count = new Int32Array(samples)
  const weights = new Float64Array(samples * most)
  for (let sample = 0; sample < samples; sample++) {
    const middle = (sample + 0.5) * ratio - 0.5
    const start = Math.floor(middle - ratio) + 1
    const end = Math.ceil(middle + ratio)
    const from = Math.max(0, start)
    const own = weights.subarray(sample * most, (sample + 1) * most)
    for (let at = start; at < end; at++)
      own[Math.min(Math.max(at, 0), pixels - 1) - from]! += 1 - Math.abs(at - middle) / ratio
    const sum = own.reduce((a, b) => a + b, 0)
    own.forEach((weight, i) => {
      own[i] = weight / sum
    })
    first[sample] = from
    count[sample] = Math.min(end, pixels) - from
  }
  return { first, count, weights, most }
}

/** Weights in whole parts of which `parts` are 1: what rounding takes from one the next one gets. */
export function wholeWeights({ weights, most }: Taps, parts: number): Int32Array {
  const whole = new Int32Array(weights.length)
  let exact = 0
  let given = 0
  for (let i = 0; i < weights.length; i++) {
    if (i % most === 0) exact = given = 0
    exact += weights[i]! * parts
    whole[i] = Math.round(exact) - given
    given += whole[i]!
  }
  return whole
}
