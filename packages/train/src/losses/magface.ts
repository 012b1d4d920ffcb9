import { ops, type Tensor } from '@arcface/libtorch'
import { z } from 'zod'
import { CosineLoss, type CosineOptions, cosineOptions } from './cosine-loss.js'
import { lengthsOf } from './cosines.js'
import { defineLoss } from './definition.js'
import { angularChange } from './margin.js'
import type { LossShape } from './shape.js'
import { addToTarget, targetOf } from './target.js'

export interface MagFaceOptions extends CosineOptions {
  /** Bounds of the length of an embedding. */
  lengths: readonly [number, number]
  /** Margins at those lengths, in radians. */
  margins: readonly [number, number]
  /** Weight of the regulariser. */
  lambda: number
}

/**
 * MagFace (arXiv 2103.06627, equations 4 and 5): ArcFace whose margin m(a) grows linearly with the length a of the
 * embedding, between two bounds, plus lambda (1/a + a/u^2), u the upper bound, which makes long those that are easy:
 * the length becomes a measure of quality. Differentiated by the length, too. Lengths 10 to 110, margins 0.45 to
 * 0.8, lambda 35, s 64 as published. For when the quality of an image has to be judged along with its identity.
 */
export class MagFace extends CosineLoss {
  readonly #options: MagFaceOptions

  constructor(shape: LossShape, options: MagFaceOptions) {
    super(shape, options)
    this.#options = options
  }

  protected override adjust(cosine: Tensor, labels: Tensor, embeddings: Tensor): Tensor {
    const { lengths, margins } = this.#options
    const slope = (margins[1] - margins[0]) / (lengths[1] - lengths[0])
    const offset = margins[0] - slope * lengths[0]
    const margin = ops.add(ops.mul(this.#lengths(embeddings), slope), offset)
    const change = angularChange(targetOf(cosine, labels), ops.mul(margin, this.now.marginShare))
    return addToTarget(cosine, labels, change)
  }

  override forward(embeddings: Tensor, labels: Tensor): Tensor {
    const { lambda, lengths } = this.#options
    const a = this.#lengths(embeddings)
    const costs = ops.add(ops.pow(a, -1), ops.div(a, lengths[1] ** 2))
    return ops.add(super.forward(embeddings, labels), ops.mul(ops.mean(costs), lambda))
  }

  #lengths(embeddings: Tensor): Tensor {
    return ops.clamp(lengthsOf(embeddings, this.weight.dtype), ...this.#options.lengths)
  }
}

const rising = (first: number, second: number) => first < second
const angle = z.number().min(0).lt(Math.PI)

export const magface = defineLoss(
  'magface',
  {
    ...cosineOptions,
    lengths: z
      .tuple([z.number().positive(), z.number().positive()])
      .refine(([low, high]) => rising(low, high), 'the first must be the smaller')
      .default([10, 110]),
    margins: z
      .tuple([angle, angle])
      .refine(([low, high]) => rising(low, high), 'the first must be the smaller')
      .default([0.45, 0.8]),
    lambda: z.number().min(0).default(35),
  },
  (shape, options) => new MagFace(shape, options),
)
