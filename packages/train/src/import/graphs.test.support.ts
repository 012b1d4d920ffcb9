// What tests of the import share: graphs drawn by hand, what ONNX Runtime makes of them, and gradients of networks.
import { type nn, noGrad, ops, scope, type Tensor, tensor } from '@arcface/libtorch'
import {
  type Attributes,
  encodeModel,
  GraphBuilder,
  type ModelProto,
  TensorProto_DataType,
} from '@arcface/onnx'
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'

export const SIDE = 112
const IMAGE = 3 * SIDE * SIDE
const { FLOAT } = TensorProto_DataType

/** The same numbers for the same seed, in -1..1. */
export function numbers(count: number, seed: number): Float32Array {
  let state = (seed * 2654435761 + 12345) >>> 0
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 31 - 1
  })
}

/** Images as an embedder gets them. */
export const pixels = (batch: number): Float32Array => numbers(batch * IMAGE, 7)

/** Builds graphs of an image to an embedding. */
export class Drawing extends GraphBuilder {
  #count = 0
  readonly #results = new Map<string, string[]>()
  readonly x: string

  constructor(
    readonly opset = 17,
    batch: number | string = 'batch',
  ) {
    super('drawing', { opset })
    this.x = this.input('image', FLOAT, [batch, 3, SIDE, SIDE])
  }
  /** Weights under the name `w0`, `w1`, ... */
  weights(...shape: number[]): string {
    const name = `w${this.#count++}`
    const size = shape.reduce((product, side) => product * side, 1)
    return this.constant(numbers(size, this.#count), shape, name)
  }
  /** Features of [N, 4, 8, 8], behind a layer. */
  features(): string {
    const small = { kernel_shape: { ints: [14, 14] }, strides: { ints: [14, 14] } }
    const pooled = this.add('AveragePool', [this.x], small)
    const stem = this.constant(
      numbers(12, 99).map((x) => 9 * x),
      [4, 3, 1, 1],
      'stem',
    )
    return this.add('Conv', [pooled, stem])
  }
  /** A node with several results. */
  several(type: string, inputs: string[], count: number, attributes: Attributes = {}): string[] {
    const first = this.add(type, inputs, attributes)
    const all = Array.from({ length: count }, (_, i) => (i === 0 ? first : `${first} ${i}`))
    this.#results.set(first, all)
    return all
  }
  /** The model whose embedding is a value, flattened. */
  embedding(of: string, more: Attributes = {}): ModelProto {
    this.output(this.add('Flatten', [of], more, { output: 'embedding' }), FLOAT)
    const model = this.model()
    for (const one of model.graph!.node)
      one.output = this.#results.get(one.output[0]!) ?? one.output
    if (this.opset > 18) model.irVersion = 9n
    return model
  }
}

/** What ONNX Runtime makes of images, one run each where `together` is false. */
export async function byOnnxRuntime(
  model: ModelProto,
  images: Float32Array,
  { together = true } = {},
): Promise<Float32Array> {
  const options = { logSeverityLevel: 3, intraOpNumThreads: 1 } as const
  const session = await InferenceSession.create(encodeModel(model), options)
  const step = together ? images.length : IMAGE
  const rows: number[] = []
  for (let at = 0; at < images.length; at += step) {
    const some = images.slice(at, at + step)
    const input = new OrtTensor('float32', some, [step / IMAGE, 3, SIDE, SIDE])
    const results = await session.run({ [session.inputNames[0]!]: input })
    for (const value of results[session.outputNames[0]!]!.data as Float32Array) rows.push(value)
  }
  await session.release()
  return Float32Array.from(rows)
}

export const imagesOf = (data: Float32Array | Float64Array): Tensor =>
  tensor(data, [data.length / IMAGE, 3, SIDE, SIDE])

/** What a network makes of images. */
export function byLibtorch(network: nn.Module, images: Float32Array): Float32Array {
  return noGrad(() => scope(() => network.call(imagesOf(images)).toFloat32Array()))
}

/** Length of the difference as a share of the truth's; infinite where the counts differ. */
export function apart(values: ArrayLike<number>, truth: ArrayLike<number>): number {
  if (values.length !== truth.length) return Number.POSITIVE_INFINITY
  let [difference, length] = [0, 0]
  for (let i = 0; i < truth.length; i++) {
    difference += (values[i]! - truth[i]!) ** 2
    length += truth[i]! ** 2
  }
  return Math.sqrt(difference / length)
}

/**
 * How far the slope along one direction of all parameters and pixels is from central differences, both in float64, as a
 * share of the larger. The network is float64 afterwards.
 */
export function slopeError(network: nn.Module, batch: number): number {
  network.to({ dtype: 'float64' })
  return scope(() => {
    const images = imagesOf(Float64Array.from(pixels(batch)))
    const moved = [images, ...network.parameters()]
    for (const one of moved) one.requiresGrad = true
    const directions = moved.map(({ shape, size }, i) =>
      tensor(
        Float64Array.from(numbers(size, 50 + i), (x) => x / Math.sqrt(size)),
        shape,
      ),
    )
    // Channels that died lie exactly where a PReLU bends.
    noGrad(() => moved.forEach((one, i) => void ops.add_(one, directions[i]!, -0.01)))
    const made = network.call(images)
    const goal = tensor(Float64Array.from(numbers(made.size, 3)), made.shape)
    const value = (of: Tensor) => ops.sumDim(ops.mul(of, goal), [0, 1])
    value(made).backward()
    const products = moved.map(({ grad }, i) =>
      grad ? ops.mul(grad, directions[i]!).toTypedArray() : new Float64Array(),
    )
    const slope = products.flatMap((list) => Array.from(list, Number)).reduce((a, b) => a + b, 0)
    const step = 1e-7 // weights of channels that nearly died are as small
    const at = (by: number) =>
      noGrad(() => {
        for (const [i, one] of moved.entries()) ops.add_(one, directions[i]!, by)
        const found = value(network.call(images)).item()
        for (const [i, one] of moved.entries()) ops.add_(one, directions[i]!, -by)
        return found
      })
    const wanted = (at(step) - at(-step)) / (2 * step)
    for (const one of moved) one.grad = null
    return Math.abs(slope - wanted) / Math.max(Math.abs(slope), Math.abs(wanted))
  })
}
