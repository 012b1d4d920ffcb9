import { noGrad, ops, type Tensor } from '@arcface/libtorch'
import { z } from 'zod'
import { CosineLoss, type CosineOptions, cosineOptions } from './cosine-loss.js'
import { defineLoss } from './definition.js'
import { marginChange } from './margin.js'
import type { LossShape } from './shape.js'
import { addToTarget, targetOf } from './target.js'

export interface MVSoftmaxOptions extends CosineOptions {
  variant: 'arc' | 'am'
  margin: number
  /** How much more a misclassified class weighs. */
  t: number
}

/**
 * MV-Softmax (arXiv 1912.00833, equations 8 to 10, adaptive): ArcFace's (`arc`) or CosFace's (`am`) target, and a class j
 * that beats it counts (t + 1) cos(theta_j) + t. The choice of those classes is not differentiated. t 0.2, m 0.5 or
 * 0.35, s 64 (the paper has 32). Where a few look-alikes make most of the errors.
 */
export class MVSoftmax extends CosineLoss {
  readonly #options: MVSoftmaxOptions

  constructor(shape: LossShape, options: MVSoftmaxOptions) {
    super(shape, options)
    this.#options = options
  }

  protected override adjust(cosine: Tensor, labels: Tensor): Tensor {
    const { variant, margin, t } = this.#options
    const m = this.now.marginShare * margin
    const target = targetOf(cosine, labels)
    const margins = variant === 'arc' ? { m1: 1, m2: m, m3: 0 } : { m1: 1, m2: 0, m3: m }
    const change = marginChange(target, margins, 'true')
    const hard = noGrad(() => {
      const beaten = ops.gt(cosine, ops.add(target, change))
      return ops.scatterValue(beaten, 1, ops.unsqueeze(labels, 1), 0)
    })
    const weighed = ops.add(ops.mul(cosine, t + 1), t)
    return addToTarget(ops.where(hard, weighed, cosine), labels, change)
  }
}

const published = { arc: 0.5, am: 0.35 } as const

export const mvSoftmax = defineLoss(
  'mv-softmax',
  {
    ...cosineOptions,
    variant: z.enum(['arc', 'am']).default('arc'),
    /** null: the published one of the variant. */
    margin: z
      .number()
      .min(0)
      .lt(Math.PI / 2)
      .nullable()
      .default(null),
    t: z.number().min(0).default(0.2),
  },
  (shape, { margin, ...options }) =>
    new MVSoftmax(shape, { ...options, margin: margin ?? published[options.variant] }),
)
