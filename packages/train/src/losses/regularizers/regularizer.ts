import { nn, type Tensor } from '@arcface/libtorch'

/** A term that is added, `weight` times, to any loss. */
export abstract class Regularizer extends nn.Module {
  constructor(readonly weight: number) {
    super()
  }

  /**
   * The mean over the batch, without the weight. `embeddings` [N, dim] are raw, `labels` int64 [N]. Value and
   * gradient are finite for every finite float32 embedding.
   */
  abstract override forward(embeddings: Tensor, labels: Tensor): Tensor
}
