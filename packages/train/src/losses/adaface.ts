import { noGrad, ops, type Tensor } from '@arcface/libtorch'
import { z } from 'zod'
import { CosineLoss, type CosineOptions, cosineOptions } from './cosine-loss.js'
import { lengthsOf } from './cosines.js'
import { defineLoss } from './definition.js'
import { LEAST_SINE } from './margin.js'
import type { LossShape } from './shape.js'
import { addToTarget, targetOf } from './target.js'

export interface AdaFaceOptions extends CosineOptions {
  margin: number
  /** Concentration h: how far a length of one deviation moves the margin. */
  h: number
  /** Share of the batch in the running mean and deviation of lengths. */
  pace: number
}

/** The angle stays this far from 0 and pi (published code, head.py). */
const EDGE = 1e-3

/**
 * AdaFace (arXiv 2204.00964, equations 11 to 14): the length of an embedding stands for the quality of its image. With
 * q = h (length - mean) / deviation, clipped to -1..1, the target is cos(theta - m q) - (m + m q): hard samples pull
 * more where the image is good, easy ones where it is poor. Lengths, mean and deviation are not differentiated; the
 * target has slope 0 where the angle meets 0 or pi. m 0.4, h 0.333, s 64, pace 0.01, first mean 20 and deviation 100 as
 * published. For photographs of mixed quality; wants augmentation by crop, blur and low resolution.
 */
export class AdaFace extends CosineLoss {
  readonly #options: AdaFaceOptions
  readonly mean: Tensor
  readonly deviation: Tensor

  constructor(shape: LossShape, options: AdaFaceOptions) {
    super(shape, options)
    this.#options = options
    this.mean = this.buffer('batch_mean', ops.full([], 20, 'float32'))
    this.deviation = this.buffer('batch_std', ops.full([], 100, 'float32'))
  }

  protected override adjust(cosine: Tensor, labels: Tensor, embeddings: Tensor): Tensor {
    const target = targetOf(cosine, labels)
    const [change, slope] = noGrad(() => {
      const q = this.#quality(embeddings)
      return this.#changeAndSlope(ops.clamp(target.detach(), -1, 1), q)
    })
    const along = ops.mul(ops.sub(target, target.detach()), slope)
    return addToTarget(cosine, labels, ops.add(change, along))
  }

  /** q of each image, [N, 1]; moves the running figures on. */
  #quality(embeddings: Tensor): Tensor {
    const { h, pace } = this.#options
    const lengths = ops.clamp(lengthsOf(embeddings.detach(), this.weight.dtype), 0.001, 100)
    if (this.training) {
      const mean = ops.mean(lengths)
      const count = lengths.size
      const squares = ops.sum(ops.pow(ops.sub(lengths, mean), 2))
      const deviation = ops.sqrt(ops.div(squares, Math.max(1, count - 1)))
      for (const [running, now] of [
        [this.mean, mean],
        [this.deviation, deviation],
      ] as const)
        ops.add_(ops.mul_(running, 1 - pace), ops.mul(now, pace))
    }
    const deviations = ops.div(ops.sub(lengths, this.mean), ops.add(this.deviation, EDGE))
    return ops.clamp(ops.mul(deviations, h), -1, 1)
  }

  #changeAndSlope(cosine: Tensor, q: Tensor): readonly [Tensor, Tensor] {
    const m = this.now.marginShare * this.#options.margin
    const theta = ops.acos(cosine)
    const moved = ops.sub(theta, ops.mul(q, m))
    const clipped = ops.clamp(moved, EDGE, Math.PI - EDGE)
    const inside = ops.eq(moved, clipped)
    const value = ops.sub(ops.cos(clipped), ops.add(ops.mul(q, m), m))
    const ratio = ops.div(ops.sin(clipped), ops.clamp(ops.sin(theta), LEAST_SINE))
    const slope = ops.where(inside, ratio, ops.zerosLike(ratio))
    return [ops.sub(value, cosine), ops.sub(slope, 1)]
  }
}

export const adaface = defineLoss(
  'adaface',
  {
    ...cosineOptions,
    margin: z
      .number()
      .min(0)
      .lt(Math.PI / 2)
      .default(0.4),
    h: z.number().positive().default(0.333),
    pace: z.number().gt(0).max(1).default(0.01),
  },
  (shape, options) => new AdaFace(shape, options),
)
