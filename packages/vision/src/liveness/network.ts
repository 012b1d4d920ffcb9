import { decodeModel, modelInputs, type Preprocessing, TensorProto_DataType } from '@arcface/onnx'
import { VisionError } from '../errors.js'
import { type ModelSource, type Network, runOn } from '../network/network.js'
import type { LivenessModel } from './part.js'

/** A network of a pack's part, loaded. */
export interface LivenessNetwork {
  readonly network: Network
  /** Crops a run; undefined where any number goes. */
  readonly batch: number | undefined
  readonly model: LivenessModel
}

/**
 * Loads a network and runs it once, so that one which does not do what its description says is refused here.
 * @throws OnnxError; VisionError VISION_LIVENESS; what the runtime throws
 */
export async function openNetwork(
  source: ModelSource,
  model: LivenessModel,
): Promise<LivenessNetwork> {
  const batch = batchOf(source, model)
  const network = await source.load()
  const opened = { network, batch, model }
  try {
    await scoresOf(opened, [new Float32Array(model.size ** 2 * 3)])
    return opened
  } catch (error) {
    await network.close()
    throw error
  }
}

/** @returns of its input; undefined where any goes */
function batchOf({ bytes, name }: ModelSource, { size }: LivenessModel): number | undefined {
  const inputs = modelInputs(decodeModel(bytes, name))
  const [{ elementType, shape } = { elementType: 0, shape: undefined }] = inputs
  const fits =
    inputs.length === 1 &&
    elementType === TensorProto_DataType.FLOAT &&
    shape?.length === 4 &&
    [3, size, size].every((side, i) => typeof shape[i + 1] !== 'number' || shape[i + 1] === side)
  const found = shape?.map((dimension) => dimension ?? '?').join(' x ') ?? 'nothing known'
  if (!fits)
    throw new VisionError(
      'VISION_LIVENESS',
      `${name}: by its description it takes crops as float32 N x 3 x ${size} x ${size}, but it has ${inputs.length === 1 ? `an input of ${found}` : `${inputs.length} inputs`}`,
    )
  return typeof shape[0] === 'number' ? shape[0] : undefined
}

/**
 * How living each crop looks, 0 to 1.
 * @param crops each size x size x 3, RGB, 0 to 255
 * @throws VisionError VISION_LIVENESS; what the runtime throws
 */
export async function scoresOf(
  { network, batch, model }: LivenessNetwork,
  crops: readonly Float32Array[],
): Promise<number[]> {
  const count = batch ?? crops.length
  const runs = Array.from({ length: Math.ceil(crops.length / count) }, (_, i) =>
    crops.slice(i * count, (i + 1) * count),
  )
  const scores = await Promise.all(
    runs.map(async (some) => {
      const { size, input } = model
      const values = new Float32Array(count * size * size * 3)
      some.forEach((crop, i) => {
        writeCrop(crop, input, values.subarray(i * crop.length, (i + 1) * crop.length))
      })
      const outputs = await runOn(network, values, [count, 3, size, size])
      return readScores(network, outputs[network.outputs[0]!], count, model).slice(0, some.length)
    }),
  )
  return scores.flat()
}

function readScores(
  { name, outputs }: Network,
  output: Awaited<ReturnType<Network['run']>>[string] | undefined,
  count: number,
  { outputs: { live, of } }: LivenessModel,
): number[] {
  const { data, dims = [] } = output ?? {}
  const [rows, classes = 0] = dims
  const fits = data instanceof Float32Array && dims.length === 2 && rows === count && classes > live
  if (!fits || outputs.length !== 1 || classes < 2)
    throw new VisionError(
      'VISION_LIVENESS',
      `${name}: by its description it gives one output, float32 ${count} x at least ${Math.max(2, live + 1)}, but it gives ${outputs.length}, the first ${dims.join(' x ')}`,
    )
  return Array.from({ length: count }, (_, i) => {
    const row = data.subarray(i * classes, (i + 1) * classes)
    const score = of === 'logits' ? softmax(row, live) : row[live]!
    if (score >= 0 && score <= 1) return score
    throw new VisionError(
      'VISION_LIVENESS',
      `${name}: ${of === 'logits' ? 'it gives what is no number' : `by its description it gives probabilities, but one is ${score}`}`,
    )
  })
}

function softmax(logits: Float32Array, which: number): number {
  const highest = Math.max(...logits)
  let sum = 0
  for (const logit of logits) sum += Math.exp(logit - highest)
  return Math.exp(logits[which]! - highest) / sum
}

/** HWC as CHW, each value (p * range / 255 - mean) / std. */
function writeCrop(
  crop: Float32Array,
  { colorOrder, range, mean, std }: Preprocessing,
  out: Float32Array,
): void {
  const plane = crop.length / 3
  for (let c = 0; c < 3; c++) {
    const source = colorOrder === 'RGB' ? c : 2 - c
    const [offset, scale] = [mean[source]!, 1 / std[source]!]
    for (let i = 0; i < plane; i++)
      out[c * plane + i] = ((crop[3 * i + source]! * range) / 255 - offset) * scale
  }
}
