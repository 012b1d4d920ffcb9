import { ops, type Tensor } from '@arcface/libtorch'
import { defineLoss } from './definition.js'
import { Loss } from './loss.js'

/** No loss: 0 for all embeddings, without centres. For a configuration whose network learns of a teacher alone. */
export class NoLoss extends Loss {
  override get centres(): null {
    return null
  }

  override forward(embeddings: Tensor): Tensor {
    return ops.sum(ops.mul(embeddings, 0))
  }
}

export const none = defineLoss('none', {}, () => new NoLoss())
