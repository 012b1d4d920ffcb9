import { conv2d, conv2d3x3, empty, groupedConv2d } from '../generated/ops.js'
import type { Tensor } from '../tensor.js'
import { fans, torchDefault } from './init.js'
import { Module } from './module.js'

export interface Conv2dOptions {
  stride?: number
  padding?: number
  groups?: number
  bias?: boolean
}

/**
 * 2-D convolution, [N, in, H, W] to [N, out, H', W']. Without bias it dispatches `arcface::grouped_conv2d` in groups, and
 * `arcface::conv2d_3x3` for a kernel of three that keeps the size.
 */
export class Conv2d extends Module {
  readonly weight: Tensor
  readonly bias: Tensor | null
  readonly #stride: number
  readonly #padding: number
  readonly #groups: number
  readonly #isSame3: boolean

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
    this.#isSame3 = kernel === 3 && stride === 1 && padding === 1 && groups === 1 && !bias
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

  /** Stride, padding and groups of a convolution in groups without bias, else null. */
  get grouped(): readonly [stride: number, padding: number, groups: number] | null {
    return this.#groups > 1 && !this.bias ? [this.#stride, this.#padding, this.#groups] : null
  }

  override forward(x: Tensor): Tensor {
    if (this.grouped) return groupedConv2d(x, this.weight, ...this.grouped)
    if (this.#isSame3) return conv2d3x3(x, this.weight)
    return conv2d(x, this.weight, this.bias, this.#stride, this.#padding, 1, this.#groups)
  }
}
