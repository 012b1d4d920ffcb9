import { noGrad, ops, type Tensor } from '@arcface/libtorch'
import { z } from 'zod'
import { CosineLoss, type CosineOptions, cosineOptions } from './cosine-loss.js'
import { defineLoss } from './definition.js'
import type { LossShape } from './shape.js'
import { addToTarget, targetOf } from './target.js'

/**
 * Circle loss with class centres (arXiv 2002.10857, equations 5 to 8): the target counts a_p (cos - (1 - m)) with
 * a_p = max(0, 1 + m - cos), every other class a_n (cos - m) with a_n = max(0, cos + m), all times gamma (`scale`): what is
 * far from its optimum is pulled harder. The weights a_p and a_n are not differentiated. gamma 256, m 0.25 as
 * published for faces. A softer decision boundary than a margin's; the scale is large because the weights are small.
 */
export class Circle extends CosineLoss {
  readonly #margin: number

  constructor(shape: LossShape, { margin, ...options }: CosineOptions & { margin: number }) {
    super(shape, options)
    this.#margin = margin
  }

  protected override adjust(cosine: Tensor, labels: Tensor): Tensor {
    const m = this.now.marginShare * this.#margin
    const target = targetOf(cosine, labels)
    const [far, near] = noGrad(() => [
      ops.clamp(ops.add(ops.neg(target), 1 + m), 0),
      ops.clamp(ops.add(cosine, m), 0),
    ])
    const others = ops.mul(near!, ops.sub(cosine, m))
    const own = ops.mul(far!, ops.sub(target, 1 - m))
    return addToTarget(others, labels, ops.sub(own, targetOf(others, labels)))
  }
}

export const circle = defineLoss(
  'circle',
  {
    ...cosineOptions,
    scale: z.number().positive().finite().default(256),
    margin: z.number().min(0).lt(1).default(0.25),
  },
  (shape, options) => new Circle(shape, options),
)
