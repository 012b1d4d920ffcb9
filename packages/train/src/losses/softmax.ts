import { ops, type Tensor } from '@arcface/libtorch'
import { ClassLoss } from './class-loss.js'
import { defineLoss } from './definition.js'
import type { LossShape } from './shape.js'

/**
 * Plain softmax (ArcFace, equation 1): cross-entropy of x W^T + b, neither features nor centres normalised.
 * The baseline of the paper's tables; it parts the people it was trained on, and leaves angles to chance.
 */
export class Softmax extends ClassLoss {
  readonly bias: Tensor

  constructor(shape: LossShape) {
    super(shape)
    this.bias = this.parameter('bias', ops.zeros([shape.classes]))
  }

  override logits(embeddings: Tensor): Tensor {
    const x = ops.clamp(ops.toDtype(embeddings, this.weight.dtype), -LARGEST, LARGEST)
    return ops.linear(x, this.weight, this.bias)
  }
}

/** Products with centres of ordinary length stay finite in float32, and so do their sums. */
const LARGEST = 1e18

export const softmax = defineLoss('softmax', {}, (shape) => new Softmax(shape))
