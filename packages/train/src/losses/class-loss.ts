import { nn, ops, type Tensor } from '@arcface/libtorch'
import { Loss } from './loss.js'
import type { LossShape } from './shape.js'

/** A loss that compares embeddings with a trained centre a class, by cross-entropy. */
export abstract class ClassLoss extends Loss {
  readonly classes: number
  readonly dim: number
  /** The centres [classes x perClass, dim], drawn from N(0, 0.01) as in arcface_torch. */
  readonly weight: Tensor

  constructor({ classes, dim }: LossShape, perClass = 1) {
    super()
    this.classes = classes
    this.dim = dim
    this.weight = this.parameter('weight', ops.empty([classes * perClass, dim]))
    nn.init.normal(this.weight, 0, 0.01)
  }

  override get centres(): Tensor | null {
    return this.weight
  }

  /** What the softmax is taken of, [N, classes], in the dtype of the centres. */
  abstract logits(embeddings: Tensor, labels: Tensor): Tensor

  override forward(embeddings: Tensor, labels: Tensor): Tensor {
    return ops.crossEntropyLoss(this.logits(embeddings, labels), labels)
  }
}
