import { noGrad, ops, type Tensor } from '@arcface/libtorch'
import { z } from 'zod'
import { CosineLoss, type CosineOptions, cosineOptions } from './cosine-loss.js'
import { defineLoss } from './definition.js'
import { marginChange } from './margin.js'
import type { LossShape } from './shape.js'
import { addToTarget, targetOf } from './target.js'

/** Share of the batch in the running mean of the target's cosine (section 3.2, alpha 0.99). */
const PACE = 0.01

/**
 * CurricularFace (arXiv 2004.00288, equations 5 to 9): ArcFace's target, and a class j that beats it, with
 * cos(theta_j) > cos(theta_y + m), counts cos(theta_j) (t + cos(theta_j)). t is a running mean of the target's cosine:
 * near 0 at first, so that hard classes weigh little, and growing as training goes well. t and the choice of hard
 * classes are not differentiated. s = 64 and m = 0.5 as published. For long trainings on much data.
 */
export class CurricularFace extends CosineLoss {
  readonly #margin: number
  /** t, a scalar. */
  readonly progress: Tensor

  constructor(shape: LossShape, { margin, ...options }: CosineOptions & { margin: number }) {
    super(shape, options)
    this.#margin = margin
    this.progress = this.buffer('t', ops.zeros([]))
  }

  protected override adjust(cosine: Tensor, labels: Tensor): Tensor {
    const m = this.now.marginShare * this.#margin
    const target = targetOf(cosine, labels)
    const hard = noGrad(() => {
      const at = ops.clamp(target.detach(), -1, 1)
      if (this.training) ops.add_(ops.mul_(this.progress, 1 - PACE), ops.mul(ops.mean(at), PACE))
      const sine = ops.sqrt(ops.neg(ops.mul(ops.sub(at, 1), ops.add(at, 1))))
      const shifted = ops.sub(ops.mul(at, Math.cos(m)), ops.mul(sine, Math.sin(m)))
      return ops.scatterValue(ops.gt(cosine, shifted), 1, ops.unsqueeze(labels, 1), 0)
    })
    const weighed = ops.mul(cosine, ops.add(cosine, this.progress.detach()))
    const change = marginChange(target, { m1: 1, m2: m, m3: 0 }, 'true')
    return addToTarget(ops.where(hard, weighed, cosine), labels, change)
  }
}

export const curricularface = defineLoss(
  'curricularface',
  { ...cosineOptions, margin: z.number().min(0).lt(Math.PI).default(0.5) },
  (shape, options) => new CurricularFace(shape, options),
)
