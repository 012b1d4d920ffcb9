import { noGrad, ops, type Tensor } from '@arcface/libtorch'
import { cosines } from './cosines.js'
import { Head } from './head.js'

export interface ArcFaceOptions {
  /** Radius s of the hypersphere. */
  scale: number
  /** Additive angle m in radians, in [0, pi). */
  margin: number
  /** Which derivative of the target logit by cos(theta) is used: see `ArcFace`. */
  gradient: MarginGradient
}

export type MarginGradient = 'true' | 'straight-through'

/**
 * Smallest sin(theta) that the derivative is divided by: what one step of float32 below cos = 1 gives. Nearer to
 * the centre theta is not known.
 */
const LEAST_SINE = Math.sqrt(2 ** -23)

/**
 * ArcFace (arXiv 1801.07698, equation 3): cross-entropy of s cos(theta_j), where the true class has
 * s cos(theta + m), continued by s (cos(theta) - m sin(pi - m)) where theta + m is beyond pi, so that it goes on
 * falling.
 *
 * The derivative of cos(theta + m) by cos(theta) is sin(theta + m) / sin(theta). `true` uses it, being the gradient
 * of the loss that is reported; `straight-through` puts 1 in its place, as InsightFace's torch code since December
 * 2022: the margin then changes the value and the softmax weights only. Value and gradient are finite for every
 * finite float32 input.
 */
export class ArcFace extends Head {
  readonly scale: number
  readonly gradient: MarginGradient
  #margin: number

  constructor(classes: number, dim: number, { scale, margin, gradient }: ArcFaceOptions) {
    super(classes, dim)
    this.scale = scale
    this.gradient = gradient
    this.#margin = margin
  }

  override setMargin(margin: number): void {
    this.#margin = margin
  }

  override logits(embeddings: Tensor, labels: Tensor): Tensor {
    const cosine = cosines(ops.toDtype(embeddings, this.weight.dtype), this.weight)
    if (this.#margin === 0) return ops.mul(cosine, this.scale)
    const index = ops.unsqueeze(labels, 1)
    const change = this.#change(ops.gather(cosine, 1, index))
    return ops.mul(ops.scatterAdd(cosine, 1, index, change), this.scale)
  }

  /** What the margin adds to the target's cosine [N, 1]. The derivative is laid down by hand. */
  #change(target: Tensor): Tensor {
    const m = this.#margin
    const [change, slope] = noGrad(() => {
      const cosine = ops.clamp(target.detach(), -1, 1)
      const sine = ops.sqrt(ops.neg(ops.mul(ops.sub(cosine, 1), ops.add(cosine, 1))))
      const inside = ops.gt(cosine, Math.cos(Math.PI - m))
      const shifted = ops.sub(ops.mul(cosine, Math.cos(m)), ops.mul(sine, Math.sin(m)))
      const cotangent = ops.div(cosine, ops.clamp(sine, LEAST_SINE))
      return [
        ops.sub(ops.where(inside, shifted, ops.sub(cosine, m * Math.sin(Math.PI - m))), cosine),
        // sin(theta + m) / sin(theta) - 1
        ops.where(inside, ops.add(ops.mul(cotangent, Math.sin(m)), Math.cos(m) - 1), 0),
      ] as const
    })
    if (this.gradient === 'straight-through') return change
    return ops.add(change, ops.mul(ops.sub(target, target.detach()), slope))
  }
}
