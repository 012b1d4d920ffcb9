import { nn, ops, type Tensor } from '@arcface/libtorch'

/**
 * Turns embeddings and labels into the loss that training minimises. Owns `weight` [classes, dim], the
 * centres of the classes, drawn from N(0, 0.01) as in arcface_torch.
 */
export abstract class Head extends nn.Module {
  readonly weight: Tensor

  constructor(
    readonly classes: number,
    readonly dim: number,
  ) {
    super()
    this.weight = this.parameter('weight', ops.empty([classes, dim]))
    nn.init.normal(this.weight, 0, 0.01)
  }

  /** What the softmax is taken of, [N, classes]. `embeddings` [N, dim] need not be normalised, `labels` are int64 [N]. */
  abstract logits(embeddings: Tensor, labels: Tensor): Tensor

  /** Sets the margin of the steps that follow. Heads without one ignore it. */
  abstract setMargin(margin: number): void

  /** Mean cross-entropy over the batch, a scalar. */
  override forward(embeddings: Tensor, labels: Tensor): Tensor {
    return ops.crossEntropyLoss(this.logits(embeddings, labels), labels)
  }
}
