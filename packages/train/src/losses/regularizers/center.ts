import { noGrad, ops, type Tensor } from '@arcface/libtorch'
import { z } from 'zod'
import type { LossShape } from '../shape.js'
import { defineRegularizer, weight } from './definition.js'
import { Regularizer } from './regularizer.js'

/** Values beyond are cut, so that float32 holds sums of squares. */
const LARGEST = 1e16

export interface CenterOptions {
  /** lambda. */
  weight: number
  /** Share of the way that a centre goes in a step. */
  alpha: number
}

/**
 * Center loss (ECCV 2016, A Discriminative Feature Learning Approach for Deep Face Recognition, equations 2 to 5):
 * the mean of 1/2 |x - c_y|^2 over raw embeddings. The centres c are its own: no gradient moves them, but each
 * step in training c_j -= alpha sum (c_j - x) / (1 + n_j), over the n_j images of class j in the batch. They start at 0.
 *
 * Defaults are the paper's, lambda 0.003 and alpha 0.5, there beside softmax: it brings together the embeddings of a
 * person where the loss itself does not.
 */
export class Center extends Regularizer {
  readonly #alpha: number
  /** [classes, dim] */
  readonly centres: Tensor

  constructor({ classes, dim }: LossShape, { weight, alpha }: CenterOptions) {
    super(weight)
    this.#alpha = alpha
    this.centres = this.buffer('centres', ops.zeros([classes, dim]))
  }

  override forward(embeddings: Tensor, labels: Tensor): Tensor {
    const x = ops.clamp(ops.toDtype(embeddings, this.centres.dtype), -LARGEST, LARGEST)
    const away = ops.sub(x, ops.indexSelect(this.centres, 0, labels))
    const value = ops.div(ops.sum(ops.mul(away, away)), 2 * labels.size)
    if (this.training) noGrad(() => this.#move(away.detach(), labels))
    return value
  }

  #move(away: Tensor, labels: Tensor): void {
    const counts = ops.zerosLike(ops.select(this.centres, 1, 0))
    ops.indexAdd_(counts, 0, labels, ops.onesLike(ops.select(away, 1, 0)))
    const share = ops.indexSelect(ops.pow(ops.add(counts, 1), -1), 0, labels)
    const steps = ops.mul(away, ops.unsqueeze(share, 1))
    ops.indexAdd_(this.centres, 0, labels, steps, this.#alpha)
  }
}

export const center = defineRegularizer(
  'center',
  { weight: weight.default(0.003), alpha: z.number().gt(0).max(1).default(0.5) },
  (_, shape, options) => new Center(shape, options),
)
