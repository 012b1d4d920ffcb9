// Affine quantisation: q = round(x / scale) + zero, rounded half to even, cut off at the ends (ONNX, QuantizeLinear).

/** The least and the largest of some values. */
export interface Range {
  readonly min: number
  readonly max: number
}

/** How floats are bytes; `scale` is a float32. */
export interface Affine {
  readonly scale: number
  /** 0 to 255: what 0 becomes. */
  readonly zero: number
}

/** A scale must stay a normal float32, also as the product of two. */
const LEAST_SCALE = 1e-18

/** Half to even, as IEEE 754 rounds. */
export function roundEven(x: number): number {
  const rounded = Math.round(x)
  return Math.abs(x - Math.trunc(x)) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded
}

/** Bytes for values of a range, 0 exactly among them. */
export function affineOf({ min, max }: Range): Affine {
  const [low, high] = [Math.min(min, 0), Math.max(max, 0)]
  const scale = Math.fround(Math.max((high - low) / 255, LEAST_SCALE))
  return { scale, zero: clamp(roundEven(-low / scale), 0, 255) }
}

export const byteOf = (x: number, { scale, zero }: Affine): number =>
  clamp(roundEven(x / scale) + zero, 0, 255)

export const clamp = (x: number, low: number, high: number): number =>
  Math.min(Math.max(x, low), high)

/** Weights as bytes, symmetric: -127 to 127 and a scale a channel. */
export interface QuantizedWeights {
  readonly data: Int8Array
  readonly scales: Float32Array
}

/**
 * @param axis the dimension of the channels
 * @param least no channel's scale is smaller than its own of these: what a bias of 32 bits needs
 */
export function quantizeWeights(
  data: Float32Array,
  shape: readonly number[],
  axis: number,
  least: (channel: number) => number,
): QuantizedWeights {
  const channels = shape[axis]!
  const inner = shape.slice(axis + 1).reduce((product, side) => product * side, 1)
  const channelOf = (i: number) => Math.floor(i / inner) % channels
  const largest = new Float64Array(channels)
  data.forEach((value, i) => {
    const c = channelOf(i)
    largest[c] = Math.max(largest[c]!, Math.abs(value))
  })
  const scales = Float32Array.from(largest, (value, c) =>
    Math.max(value / 127, least(c), LEAST_SCALE),
  )
  const bytes = Int8Array.from(data, (value, i) =>
    clamp(roundEven(value / scales[channelOf(i)]!), -127, 127),
  )
  return { data: bytes, scales }
}

/** The largest that a bias may be in steps of its scale: there has to be room for the sum of products. */
const LARGEST_BIAS = 2 ** 30

/** The least scale of a channel's weights with which its bias is a whole number of 32 bits. */
export const leastScale = (bias: number, input: Affine): number =>
  Math.abs(bias) / (input.scale * LARGEST_BIAS)

/** Biases as sums of products of bytes see them: in steps of input scale times weight scale. */
export function quantizeBias(
  bias: Float32Array,
  input: Affine,
  scales: Float32Array,
): { data: Int32Array; scales: Float32Array } {
  const steps = scales.map((scale) => scale * input.scale)
  const data = Int32Array.from(bias, (value, c) => roundEven(value / steps[c]!))
  return { data, scales: steps }
}
