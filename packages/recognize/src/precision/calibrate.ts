import {
  type ChannelRanges,
  encodeModel,
  giveValues,
  type ModelProto,
  type Preprocessing,
  type Range,
} from '@arcface/onnx'
import { IMAGE_BYTES, IMAGE_SIZE, type Tensor, writeInput } from '@arcface/vision'
import { type NetworkOptions, ThreadNetwork } from '../network/network.js'
import { Histogram } from './histogram.js'

/** Faces that a network's values are measured on, and how it takes them. */
export interface Calibration extends NetworkOptions {
  readonly name: string
  /** n x 112 x 112 x 3, RGB, uint8. */
  readonly faces: Uint8Array
  /** Images a run. */
  readonly batch: number
  /** How pixels go in. */
  readonly preprocessing: Preprocessing
}

/**
 * The range of each channel of some values of a network, over faces.
 *
 * @param model takes float32 N x 3 x 112 x 112
 * @param values names; those that are no floats are passed over
 * @throws RecognizeError RECOGNIZE_LOAD, RECOGNIZE_BACKEND, RECOGNIZE_RUN
 */
export async function measureChannels(
  model: ModelProto,
  values: readonly string[],
  calibration: Calibration,
): Promise<Map<string, ChannelRanges>> {
  const found = new Map<string, { min: number; max: number }[]>()
  await overAll(model, values, calibration, (value, { data, dims }) => {
    const channels = dims.length === 4 ? dims[1]! : 1
    const before = found.get(value)
    const ranges =
      before ?? Array.from({ length: channels }, () => ({ min: Infinity, max: -Infinity }))
    if (!before) found.set(value, ranges)
    const plane = dims.length === 4 ? dims[2]! * dims[3]! : data.length
    for (let start = 0; start < data.length; start += plane)
      widen(ranges[(start / plane) % channels]!, data, start, start + plane)
  })
  return found
}

/**
 * The range of each value that loses least where it becomes 256 steps: the mean squared error, over the values that
 * faces make. Errors as `measureChannels`.
 * @param ranges of the same faces, from the least value to the largest
 */
export async function chooseRanges(
  model: ModelProto,
  ranges: ReadonlyMap<string, Range>,
  calibration: Calibration,
): Promise<Map<string, Range>> {
  const histograms = new Map([...ranges].map(([value, range]) => [value, new Histogram(range)]))
  await overAll(model, [...ranges.keys()], calibration, (value, { data }) =>
    histograms.get(value)?.add(data),
  )
  return new Map([...histograms].map(([value, histogram]) => [value, histogram.bestRange()]))
}

/** Runs a network over all faces, as many runs at once as it takes; what it gives is looked at and let go. */
async function overAll(
  model: ModelProto,
  values: readonly string[],
  { name, faces, batch, preprocessing, ...options }: Calibration,
  take: (value: string, tensor: Tensor) => void,
): Promise<void> {
  const network = await ThreadNetwork.open(name, options, encodeModel(giveValues(model, values)))
  const [input] = network.inputs
  const dims = [batch, 3, IMAGE_SIZE, IMAGE_SIZE]
  let next = 0
  const lane = async () => {
    while (next + batch * IMAGE_BYTES <= faces.length) {
      const images = faces.subarray(next, next + batch * IMAGE_BYTES)
      next += images.length
      const data = new Float32Array(images.length)
      writeInput(images, preprocessing, data)
      if (values.includes(input!)) take(input!, { data, dims })
      const outputs = await network.run({ [input!]: { dims, data } })
      for (const value of values)
        if (outputs[value]?.data instanceof Float32Array) take(value, outputs[value])
    }
  }
  try {
    const lanes = await Promise.allSettled(Array.from({ length: network.parallel }, lane))
    const failed = lanes.find(({ status }) => status === 'rejected')
    if (failed) throw (failed as PromiseRejectedResult).reason
  } finally {
    await network.close()
  }
}

function widen(
  range: { min: number; max: number },
  data: Float32Array,
  from: number,
  to: number,
): void {
  for (let i = from; i < to; i++) {
    const value = data[i]!
    if (value < range.min) range.min = value
    if (value > range.max) range.max = value
  }
}
