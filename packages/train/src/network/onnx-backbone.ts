import { nn, ops, type Tensor, tensor } from '@arcface/libtorch'
import { decodeModel } from '@arcface/onnx'
import { TrainError } from '../errors.js'
import { PUT_BACK } from '../import/index.js'
import { bytesOf, type EmbedderFile, networkOf } from './embedder-file.js'

/**
 * The graph of an ONNX file behind what makes its input of the trainer's: [N, 3, 112, 112], RGB in -1..1, to [N, dim].
 * Weights have the names of the file.
 */
export class OnnxBackbone extends nn.Module {
  /** Length of an embedding. */
  readonly dim: number
  readonly #graph: nn.Module
  /** What a value is multiplied by and what is added, red, green, blue; null where that changes nothing. */
  readonly #change: { factor: number[]; shift: number[] } | null
  readonly #isBgr: boolean

  /**
   * @param unfold gives convolutions back the BatchNorm that was folded into them
   * @throws TrainError TRAIN_WEIGHTS, TRAIN_IMPORT, TRAIN_CONFIG (nothing to unfold); OnnxError
   */
  constructor(file: EmbedderFile, unfold = false) {
    super()
    const { colorOrder, range, mean, std } = file.preprocessing
    const factor = std.map((one) => range / 2 / one)
    const shift = std.map((one, c) => (range / 2 - mean[c]!) / one)
    const changes = factor.some((one) => one !== 1) || shift.some((one) => one !== 0)
    this.#change = changes ? { factor, shift } : null
    this.#isBgr = colorOrder === 'BGR'
    const graph = networkOf(decodeModel(bytesOf(file), file.name), file.name, { unfold })
    this.dim = graph.dim
    this.#graph = this.child('', graph)
    if (unfold && ![...graph.stateDict().keys()].some((name) => name.includes(`${PUT_BACK}.`)))
      throw new TrainError(
        'TRAIN_CONFIG',
        `model.unfold: ${file.name} has no convolution with a bias and without BatchNorm; leave it out`,
      )
  }

  override forward(x: Tensor): Tensor {
    return this.#graph.call(this.#ordered(this.#changed(x)))
  }

  #changed(x: Tensor): Tensor {
    if (!this.#change) return x
    const { factor, shift } = this.#change
    return ops.add(ops.mul(x, eachColour(factor, x)), eachColour(shift, x))
  }

  #ordered(x: Tensor): Tensor {
    if (!this.#isBgr) return x
    const order = ops.to(tensor(BigInt64Array.of(2n, 1n, 0n)), x.device, 'int64')
    return ops.indexSelect(x, 1, order)
  }
}

const eachColour = (values: readonly number[], like: Tensor): Tensor =>
  ops.to(tensor(Float32Array.from(values), [3, 1, 1]), like.device, like.dtype)
