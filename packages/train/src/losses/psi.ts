import { noGrad, ops, type Tensor } from '@arcface/libtorch'
import { z } from 'zod'
import { ClassLoss } from './class-loss.js'
import type { Moment } from './loss.js'
import type { LossShape } from './shape.js'

/** cos(m theta) as a polynomial of cos(theta) (Chebyshev's), coefficients from the constant up. */
const POLYNOMIALS: readonly (readonly number[])[] = [
  [1],
  [0, 1],
  [-1, 0, 2],
  [0, -3, 0, 4],
  [1, 0, -8, 0, 8],
]

/**
 * psi(theta) = (-1)^k cos(m theta) - 2k for theta in [k pi / m, (k + 1) pi / m], given cos(theta), m from 1 to 4
 * (L-Softmax, arXiv 1612.02295, equations 5 and 6): falls from 1 to 1 - 2m as theta grows to pi. Polynomials make value
 * and derivative exact at every angle; cosines that rounding took beyond 1 count as 1.
 */
export function psi(cosine: Tensor, m: number): Tensor {
  const polynomial = POLYNOMIALS[m]!
  const derivative = polynomial.map((coefficient, power) => coefficient * power).slice(1)
  const [value, slope] = noGrad(() => {
    const inside = ops.clamp(cosine.detach(), -1, 1)
    let sign = ops.onesLike(inside)
    let drop = ops.zerosLike(inside)
    for (let k = 1; k < m; k++) {
      const passed = ops.toDtype(ops.lt(inside, Math.cos((k * Math.PI) / m)), inside.dtype)
      sign = ops.mul(sign, ops.add(ops.mul(passed, -2), 1))
      drop = ops.add(drop, ops.mul(passed, 2))
    }
    return [
      ops.sub(ops.mul(sign, evaluate(polynomial, inside)), drop),
      ops.mul(sign, evaluate(derivative, inside)),
    ] as const
  })
  return ops.add(value, ops.mul(ops.sub(cosine, cosine.detach()), slope))
}

/** By Horner's rule. */
const evaluate = (coefficients: readonly number[], x: Tensor): Tensor =>
  coefficients.reduceRight(
    (sum, coefficient) => ops.add(ops.mul(sum, x), coefficient),
    ops.zerosLike(x),
  )

/** lambda = max(min, base / (1 + gamma step)). */
export interface Annealing {
  base: number
  gamma: number
  min: number
}

export interface PsiOptions {
  /** m, a whole number from 1 to 4. */
  margin: number
  annealing: Annealing
}

/**
 * A loss whose target has f(theta) = (lambda cos(theta) + psi(theta)) / (1 + lambda) in place of cos(theta): training
 * begins close to plain softmax, and lambda falls step by step. Before the trainer says where it stands, lambda has
 * fallen all the way.
 */
export abstract class PsiLoss extends ClassLoss {
  protected override now: Moment = { step: Number.POSITIVE_INFINITY, marginShare: 1, scale: null }
  readonly #options: PsiOptions

  constructor(shape: LossShape, options: PsiOptions) {
    super(shape)
    this.#options = options
  }

  /** f(theta) - cos(theta), given cos(theta). */
  protected change(cosine: Tensor): Tensor {
    const { margin, annealing } = this.#options
    const lambda = Math.max(annealing.min, annealing.base / (1 + annealing.gamma * this.now.step))
    return ops.mul(ops.sub(psi(cosine, margin), cosine), this.now.marginShare / (1 + lambda))
  }

  /** Embeddings [N, dim] in the dtype of the centres, cut where products with centres would leave float32. */
  protected inRange(embeddings: Tensor): Tensor {
    return ops.clamp(ops.toDtype(embeddings, this.weight.dtype), -LARGEST, LARGEST)
  }
}

/** As `Softmax`. */
const LARGEST = 1e18

/** Settings of the losses with psi; `min` is the least lambda. */
export const psiOptions = (min: number) => ({
  margin: z.int().min(1).max(4).default(4),
  annealing: z
    .strictObject({
      base: z.number().min(0).finite().default(1000),
      gamma: z.number().positive().finite().default(0.12),
      min: z.number().min(0).finite().default(min),
    })
    .prefault({}),
})
