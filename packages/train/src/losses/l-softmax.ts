import { ops, type Tensor } from '@arcface/libtorch'
import { directions, lengthsOf } from './cosines.js'
import { defineLoss } from './definition.js'
import { PsiLoss, psiOptions } from './psi.js'
import { addToTarget } from './target.js'

/**
 * L-Softmax, large-margin softmax (arXiv 1612.02295, equations 4 to 6, annealed as in its section 5.1): cross-entropy of
 * W_j x = |W_j| |x| cos(theta_j), where the true class has |W_y| |x| f(theta), f(theta) = (lambda cos(theta) + psi(theta)) /
 * (1 + lambda), lambda = max(min, base / (1 + gamma step)). Nothing is normalised, no bias.
 *
 * m = 4, the paper's best on LFW; lambda falls to 0 as in its authors' code, with SphereFace's base 1000 and gamma 0.12.
 * The first of the margin losses, to compare with; harder to train than those on the hypersphere.
 */
export class LSoftmax extends PsiLoss {
  override logits(embeddings: Tensor, labels: Tensor): Tensor {
    const x = this.inRange(embeddings)
    const own = ops.indexSelect(this.weight, 0, labels)
    const cosine = ops.sumDim(ops.mul(directions(x, x.dtype), directions(own, x.dtype)), 1, true)
    const lengths = ops.mul(lengthsOf(x, x.dtype), lengthsOf(own, x.dtype))
    return addToTarget(ops.linear(x, this.weight), labels, ops.mul(this.change(cosine), lengths))
  }
}

export const lSoftmax = defineLoss(
  'l-softmax',
  psiOptions(0),
  (shape, options) => new LSoftmax(shape, options),
)
