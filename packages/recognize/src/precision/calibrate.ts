import { encodeModel, giveValues, type ModelProto, type Range } from '@arcface/onnx'
import { IMAGE_BYTES, IMAGE_SIZE, type Network, writeInput } from '@arcface/vision'
import { type NetworkOptions, ThreadNetwork } from '../network/network.js'
import { Histogram } from './histogram.js'

/** Pixels as they are. */
const AS_THEY_ARE = {
  colorOrder: 'RGB' as const,
  range: 255 as const,
  mean: [0, 0, 0] as [number, number, number],
  std: [1, 1, 1] as [number, number, number],
}

/**
 * The range of each of some values of a network that loses least where it becomes 256 steps (the mean squared error,
 * over the values that faces make). The network runs twice over the faces, one at a time; only counts are kept.
 *
 * @param model takes our own input, float32 N x 3 x 112 x 112, RGB 0..255
 * @param values names; those that are no floats are passed over
 * @param faces n x 112 x 112 x 3, RGB, uint8
 * @throws RecognizeError RECOGNIZE_LOAD, RECOGNIZE_BACKEND, RECOGNIZE_RUN
 */
export async function measureRanges(
  model: ModelProto,
  values: readonly string[],
  faces: Uint8Array,
  { name, batch, ...options }: NetworkOptions & { name: string; batch: number },
): Promise<Map<string, Range>> {
  const network = await ThreadNetwork.open(name, options, encodeModel(giveValues(model, values)))
  try {
    const ranges = new Map<string, Range>()
    await overAll(network, faces, batch, (value, data) => {
      const { min, max } = ranges.get(value) ?? { min: Infinity, max: -Infinity }
      ranges.set(value, { min: least(data, min), max: largest(data, max) })
    })
    const histograms = new Map([...ranges].map(([value, range]) => [value, new Histogram(range)]))
    await overAll(network, faces, batch, (value, data) => histograms.get(value)!.add(data))
    return new Map([...histograms].map(([value, histogram]) => [value, histogram.bestRange()]))
  } finally {
    await network.close()
  }
}

/** Runs the network over all faces, as many runs at once as it takes. */
async function overAll(
  network: Network,
  faces: Uint8Array,
  batch: number,
  take: (value: string, data: Float32Array) => void,
): Promise<void> {
  const [input] = network.inputs
  const dims = [batch, 3, IMAGE_SIZE, IMAGE_SIZE]
  let next = 0
  const lane = async () => {
    while (next + batch * IMAGE_BYTES <= faces.length) {
      const images = faces.subarray(next, next + batch * IMAGE_BYTES)
      next += images.length
      const data = new Float32Array(images.length)
      writeInput(images, AS_THEY_ARE, data)
      take(input!, data)
      const outputs = await network.run({ [input!]: { dims, data } })
      for (const [value, { data }] of Object.entries(outputs))
        if (data instanceof Float32Array) take(value, data)
    }
  }
  const failed = (await Promise.allSettled(Array.from({ length: network.parallel }, lane))).find(
    ({ status }) => status === 'rejected',
  )
  if (failed) throw (failed as PromiseRejectedResult).reason
}

// Math.min(...data) would be a call of millions of arguments.
function least(data: Float32Array, from: number): number {
  let min = from
  for (const value of data) if (value < min) min = value
  return min
}

function largest(data: Float32Array, from: number): number {
  let max = from
  for (const value of data) if (value > max) max = value
  return max
}
