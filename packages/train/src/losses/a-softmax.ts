import { ops, type Tensor } from '@arcface/libtorch'
import { cosines, lengthsOf } from './cosines.js'
import { defineLoss } from './definition.js'
import { PsiLoss, psiOptions } from './psi.js'
import { addToTarget, targetOf } from './target.js'

/**
 * A-Softmax, the original SphereFace (arXiv 1704.08063, equation 7, annealed as in its section 4): cross-entropy of
 * |x| cos(theta_j), where the true class has |x| f(theta), f(theta) = (lambda cos(theta) + psi(theta)) / (1 + lambda),
 * lambda = max(min, base / (1 + gamma step)). Centres are normalised, embeddings keep their length, no bias.
 *
 * m = 4 as in the paper; base 1000, gamma 0.12, min 5 as in its authors' code. To repeat SphereFace as it was published;
 * `sphereface` is the form on the hypersphere that the ArcFace paper compares with.
 */
export class ASoftmax extends PsiLoss {
  override logits(embeddings: Tensor, labels: Tensor): Tensor {
    const x = this.inRange(embeddings)
    const cosine = cosines(x, this.weight)
    const change = this.change(targetOf(cosine, labels))
    return ops.mul(addToTarget(cosine, labels, change), lengthsOf(x, x.dtype))
  }
}

export const aSoftmax = defineLoss(
  'a-softmax',
  psiOptions(5),
  (shape, options) => new ASoftmax(shape, options),
)
