import { ops, type Tensor } from '@arcface/libtorch'
import { z } from 'zod'
import { cosineOptions } from './cosine-loss.js'
import { defineLoss } from './definition.js'
import type { LossShape } from './shape.js'
import { UnifiedMargin, type UnifiedMarginOptions } from './unified.js'

/**
 * Sub-center ArcFace (ECCV 2020, Sub-center ArcFace: Boosting Face Recognition by Large-scale Noisy Web Faces, equation
 * 3): each class has K centres and an embedding's cosine with the class is the largest of the K; then as `UnifiedMargin`.
 * Mislabelled images gather at centres of their own and no longer pull at the person's. K = 1 is ArcFace.
 *
 * K = 3, m = 0.5, s = 64 as published. For data with wrong labels: train, `arcface clean`, train again with `arcface`.
 */
export class SubcenterArcFace extends UnifiedMargin {
  readonly #perClass: number

  constructor(shape: LossShape, options: UnifiedMarginOptions, perClass: number) {
    super(shape, options, perClass)
    this.#perClass = perClass
  }

  override similarities(embeddings: Tensor): Tensor {
    const each = super.similarities(embeddings)
    if (this.#perClass === 1) return each
    return ops.maxDim(ops.reshape(each, [-1, this.classes, this.#perClass]), 2)[0]
  }
}

export const subcenterArcface = defineLoss(
  'subcenter-arcface',
  {
    ...cosineOptions,
    margin: z.number().min(0).lt(Math.PI).default(0.5),
    gradient: z.enum(['true', 'straight-through']).default('true'),
    /** K. */
    subcenters: z.int().min(1).default(3),
  },
  (shape, { margin, subcenters, ...options }) =>
    new SubcenterArcFace(shape, { ...options, m1: 1, m2: margin, m3: 0 }, subcenters),
)
