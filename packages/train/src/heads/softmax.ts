import { ops, type Tensor } from '@arcface/libtorch'
import { Head } from './head.js'

/** Plain softmax: x W^T + b, neither features nor centres normalised. The baseline of the paper's tables. */
export class Softmax extends Head {
  readonly bias: Tensor

  constructor(classes: number, dim: number) {
    super(classes, dim)
    this.bias = this.parameter('bias', ops.zeros([classes]))
  }

  override logits(embeddings: Tensor): Tensor {
    return ops.linear(ops.toDtype(embeddings, this.weight.dtype), this.weight, this.bias)
  }

  override setMargin(): void {}
}
