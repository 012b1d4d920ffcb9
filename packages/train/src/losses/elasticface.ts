import { ops, type Tensor } from '@arcface/libtorch'
import { z } from 'zod'
import { CosineLoss, type CosineOptions, cosineOptions } from './cosine-loss.js'
import { defineLoss } from './definition.js'
import { angularChange } from './margin.js'
import type { LossShape } from './shape.js'
import { addToTarget, targetOf } from './target.js'

export interface ElasticFaceOptions extends CosineOptions {
  variant: 'arc' | 'cos'
  margin: number
  /** Standard deviation of the margin. */
  deviation: number
}

/**
 * ElasticFace (arXiv 2109.09416, equations 5 and 6): ArcFace (`arc`) or CosFace (`cos`) with a margin that is drawn for
 * every sample and step from N(m, sigma): classes are not all squeezed alike. m 0.5 or 0.35, sigma 0.0125, s 64 as
 * published. Against overfitting to one margin on uneven data.
 */
export class ElasticFace extends CosineLoss {
  readonly #options: ElasticFaceOptions

  constructor(shape: LossShape, options: ElasticFaceOptions) {
    super(shape, options)
    this.#options = options
  }

  protected override adjust(cosine: Tensor, labels: Tensor): Tensor {
    const { variant, margin, deviation } = this.#options
    const target = targetOf(cosine, labels)
    const drawn = ops.add(
      ops.mul(ops.toDtype(ops.randn(target.shape), target.dtype), deviation),
      margin,
    )
    const margins = ops.to(ops.mul(drawn, this.now.marginShare), target.device, target.dtype)
    const change = variant === 'arc' ? angularChange(target, margins) : ops.neg(margins)
    return addToTarget(cosine, labels, change)
  }
}

const published = { arc: 0.5, cos: 0.35 } as const

export const elasticface = defineLoss(
  'elasticface',
  {
    ...cosineOptions,
    variant: z.enum(['arc', 'cos']).default('arc'),
    /** null: the published one of the variant. */
    margin: z
      .number()
      .min(0)
      .lt(Math.PI / 2)
      .nullable()
      .default(null),
    deviation: z.number().min(0).max(0.5).default(0.0125),
  },
  (shape, { margin, ...options }) =>
    new ElasticFace(shape, { ...options, margin: margin ?? published[options.variant] }),
)
