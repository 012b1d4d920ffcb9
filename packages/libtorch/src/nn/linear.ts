import { empty, linear } from '../generated/ops.js'
import type { Tensor } from '../tensor.js'
import { torchDefault } from './init.js'
import { Module } from './module.js'

/** x W^T + b, [..., in] to [..., out]. */
export class Linear extends Module {
  readonly weight: Tensor
  readonly bias: Tensor | null

  constructor(inFeatures: number, outFeatures: number, { bias = true }: { bias?: boolean } = {}) {
    super()
    this.weight = torchDefault(
      this.parameter('weight', empty([outFeatures, inFeatures])),
      inFeatures,
    )
    this.bias = bias ? torchDefault(this.parameter('bias', empty([outFeatures])), inFeatures) : null
  }

  override forward(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias)
  }
}
