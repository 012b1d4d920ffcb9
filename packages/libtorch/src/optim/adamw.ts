import {
  foreachAdd_,
  foreachAddcdiv_,
  foreachAddcmul_,
  foreachAddScalar_,
  foreachDivScalar_,
  foreachMulScalar_,
  foreachSqrt,
} from '../generated/ops.js'
import { Optimizer, type ParameterGroup } from './optimizer.js'

export interface AdamWOptions {
  lr: number
  betas: readonly [number, number]
  eps: number
  weightDecay: number
}

/** Adam with decoupled weight decay (Loshchilov & Hutter 2019), PyTorch's defaults. */
export class AdamW extends Optimizer<AdamWOptions> {
  protected override readonly kinds = ['mean', 'square', 'step']

  constructor(
    groups: readonly ParameterGroup<AdamWOptions>[],
    { lr = 1e-3, betas = [0.9, 0.999], eps = 1e-8, weightDecay = 1e-2 }: Partial<AdamWOptions> = {},
  ) {
    super(groups, { lr, betas, eps, weightDecay })
  }

  override step(): void {
    this.eachGroup((live, { lr, betas, eps, weightDecay }) => {
      for (const [step, part] of this.byStep(live)) {
        const { params, grads } = part
        const mean = this.slots('mean', part)
        const square = this.slots('square', part)
        foreachMulScalar_(params, 1 - lr * weightDecay)
        foreachMulScalar_(mean, betas[0])
        foreachAdd_(mean, grads, 1 - betas[0])
        foreachMulScalar_(square, betas[1])
        foreachAddcmul_(square, grads, grads, 1 - betas[1])
        const denominator = foreachSqrt(square)
        foreachDivScalar_(denominator, Math.sqrt(1 - betas[1] ** step))
        foreachAddScalar_(denominator, eps)
        foreachAddcdiv_(params, mean, denominator, -lr / (1 - betas[0] ** step))
      }
    })
  }
}
