import type { MarginGradient, Margins } from '@arcface/evaluate'
import type { Tensor } from '@arcface/libtorch'
import { z } from 'zod'
import { CosineLoss, type CosineOptions, cosineOptions } from './cosine-loss.js'
import { defineLoss } from './definition.js'
import { changeAndSlope, marginChange } from './margin.js'
import type { LossShape } from './shape.js'
import { addToTarget, targetOf } from './target.js'

export interface UnifiedMarginOptions extends CosineOptions, Margins {
  gradient?: MarginGradient
}

/**
 * The unified margin (ArcFace, arXiv 1801.07698, equation 4): cross-entropy of s cos(theta_j), where the true class
 * has s (cos(m1 theta + m2) - m3). Norm-Softmax is (1, 0, 0), ArcFace (1, 0.5, 0), CosFace (1, 0, 0.35), SphereFace
 * (1.35, 0, 0), CM1 (1, 0.3, 0.2), CM2 (0.9, 0.4, 0.15).
 *
 * Beyond m1 theta + m2 = pi the target goes on falling: with m1 = 1 as cos(theta) - m2 sin(pi - m2), which is
 * InsightFace's.
 *
 * The derivative of the target by cos(theta) is m1 sin(m1 theta + m2) / sin(theta). `true`, the default, uses it,
 * being the gradient of the loss that is reported; `straight-through` puts 1 in its place, as InsightFace's torch
 * code since December 2022: the margin then changes the value and the softmax weights only.
 */
export class UnifiedMargin extends CosineLoss {
  readonly #margins: Margins
  readonly #gradient: MarginGradient

  constructor(
    shape: LossShape,
    { m1, m2, m3, gradient = 'true', ...rest }: UnifiedMarginOptions,
    perClass = 1,
  ) {
    super(shape, rest, perClass)
    this.#margins = { m1, m2, m3 }
    this.#gradient = gradient
  }

  protected override adjust(cosine: Tensor, labels: Tensor): Tensor {
    const margins = this.#inForce()
    if (margins.m1 === 1 && margins.m2 === 0 && margins.m3 === 0) return cosine
    const change = marginChange(targetOf(cosine, labels), margins, this.#gradient)
    return addToTarget(cosine, labels, change)
  }

  /** What the margins of the moment add to target cosines [N], and its derivative; neither has a graph. */
  targetChange(target: Tensor): readonly [Tensor, Tensor] {
    return changeAndSlope(target, this.#inForce(), this.#gradient)
  }

  #inForce(): Margins {
    const share = this.now.marginShare
    const { m1, m2, m3 } = this.#margins
    return { m1: 1 + share * (m1 - 1), m2: share * m2, m3: share * m3 }
  }
}

/** Angular margins stay below pi; beyond it every angle would be on the falling line. */
const angle = z.number().min(0).lt(Math.PI)
const gradient = z.enum(['true', 'straight-through']).default('true')
const fixed = (m1: number, m2: number, m3: number) => (shape: LossShape, options: CosineOptions) =>
  new UnifiedMargin(shape, { ...options, m1, m2, m3 })

/** cos(theta) for every class: the hypersphere without a margin (NormFace, arXiv 1704.06369). */
export const normSoftmax = defineLoss('norm-softmax', cosineOptions, fixed(1, 0, 0))

/** cos(theta + m): a constant margin of angle, hence of geodesic distance. The default. */
export const arcface = defineLoss(
  'arcface',
  { ...cosineOptions, margin: angle.default(0.5), gradient },
  (shape, { margin, ...options }) =>
    new UnifiedMargin(shape, { ...options, m1: 1, m2: margin, m3: 0 }),
)

/** cos(theta) - m: a constant margin of cosine (arXiv 1801.09414). Easier to start than ArcFace. */
export const cosface = defineLoss(
  'cosface',
  { ...cosineOptions, margin: z.number().min(0).lt(2).default(0.35) },
  (shape, { margin, ...options }) =>
    new UnifiedMargin(shape, { ...options, m1: 1, m2: 0, m3: margin }),
)

/** cos(m theta): SphereFace as ArcFace's tables train it, m = 1.35 without annealing. */
export const sphereface = defineLoss(
  'sphereface',
  { ...cosineOptions, margin: z.number().min(1).max(4).default(1.35), gradient },
  (shape, { margin, ...options }) =>
    new UnifiedMargin(shape, { ...options, m1: margin, m2: 0, m3: 0 }),
)

/** The paper's combined margins, (1, 0.3, 0.2) and (0.9, 0.4, 0.15). */
export const cm1 = defineLoss('cm1', { ...cosineOptions, gradient }, fixed(1, 0.3, 0.2))
export const cm2 = defineLoss('cm2', { ...cosineOptions, gradient }, fixed(0.9, 0.4, 0.15))

/** Any (m1, m2, m3). */
export const unified = defineLoss(
  'unified',
  {
    ...cosineOptions,
    m1: z.number().positive().max(4).default(1),
    m2: angle.default(0),
    m3: z.number().min(0).lt(2).default(0),
    gradient,
  },
  (shape, options) => new UnifiedMargin(shape, options),
)
