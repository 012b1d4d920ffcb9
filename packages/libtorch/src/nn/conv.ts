import { conv2d, empty, groupedConv2d } from '../generated/ops.js'
import type { Tensor } from '../tensor.js'
import { fans, torchDefault } from './init.js'
import { Module } from './module.js'

export interface Conv2dOptions {
  stride?: number
  padding?: number
  groups?: number
  bias?: boolean
}

/** 2-D convolution, [N, in, H, W] to [N, out, H', W']. In groups without bias it dispatches `arcface::grouped_conv2d`. */
export class Conv2d extends Module {
  readonly weight: Tensor
  readonly bias: Tensor | null
  readonly #stride: number
  readonly #padding: number
  readonly #groups: number

  constructor(
    inChannels: number,
    outChannels: number,
    kernel: number,
    { stride = 1, padding = 0, groups = 1, bias = true }: Conv2dOptions = {},
  ) {
    super()
    const shape = [outChannels, inChannels / groups, kernel, kernel]
    this.weight = this.parameter('weight', empty(shape))
    const { fanIn } = fans(this.weight)
    torchDefault(this.weight, fanIn)
    this.bias = bias ? torchDefault(this.parameter('bias', empty([outChannels])), fanIn) : null
    this.#stride = stride
    this.#padding = padding
    this.#groups = groups
  }

  /** Whether it multiplies the values of each pixel with one matrix and does nothing else. */
  get pointwise(): boolean {
    const [, , height, width] = this.weight.shape
    return (
      height === 1 &&
      width === 1 &&
      this.#stride === 1 &&
      this.#padding === 0 &&
      this.#groups === 1 &&
      !this.bias
    )
  }

  override forward(x: Tensor): Tensor {
    if (this.#groups > 1 && !this.bias)
      return groupedConv2d(x, this.weight, this.#stride, this.#padding, this.#groups)
    return conv2d(x, this.weight, this.bias, this.#stride, this.#padding, 1, this.#groups)
  }
}
