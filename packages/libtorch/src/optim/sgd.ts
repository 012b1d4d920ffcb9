import { noGrad } from '../autograd.js'
import { TorchError } from '../errors.js'
import { foreachAdd_, foreachMulScalar_ } from '../generated/ops.js'
import { scope, type Tensor } from '../tensor.js'
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

  /**
   * The step of a parameter whose gradient never exists as a whole: `descend` gets its settings and its momentum
   * (null where that is 0), and changes both tensors.
   * @throws TorchError TORCH_ARGUMENT if no parameter has that name
   */
  stepBy(
    name: string,
    descend: (param: Tensor, velocity: Tensor | null, options: SGDOptions) => void,
  ): void {
    const group = this.groups.find(({ params }) => params.has(name))
    if (!group)
      throw new TorchError('TORCH_ARGUMENT', `no parameter of this optimizer is called ${name}`)
    const param = group.params.get(name)!
    noGrad(() =>
      scope(() => {
        const live: Live = { names: [name], params: [param], grads: [] }
        const [velocity] = group.options.momentum === 0 ? [] : this.slots('momentum', live)
        descend(param, velocity ?? null, group.options)
      }),
    )
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
