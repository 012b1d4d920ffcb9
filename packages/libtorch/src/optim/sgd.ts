import { foreachAdd_, foreachMulScalar_ } from '../generated/ops.js'
import { type Live, Optimizer, type ParameterGroup } from './optimizer.js'

export interface SGDOptions {
  lr: number
  momentum: number
  weightDecay: number
}

/** Stochastic gradient descent as PyTorch's: v = momentum v + (g + weightDecay w); w -= lr v. */
export class SGD extends Optimizer<SGDOptions> {
  protected override readonly kinds = ['momentum']

  constructor(
    groups: readonly ParameterGroup<SGDOptions>[],
    { lr, momentum = 0, weightDecay = 0 }: Partial<SGDOptions> & { lr: number },
  ) {
    super(groups, { lr, momentum, weightDecay })
  }

  protected override update(live: Live, { lr, momentum, weightDecay }: SGDOptions): void {
    const { params, grads } = live
    if (weightDecay !== 0) foreachAdd_(grads, params, weightDecay)
    if (momentum === 0) {
      foreachAdd_(params, grads, -lr)
      return
    }
    const velocity = this.slots('momentum', live)
    foreachMulScalar_(velocity, momentum)
    foreachAdd_(velocity, grads)
    foreachAdd_(params, velocity, -lr)
  }
}
