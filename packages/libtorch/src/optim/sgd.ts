import { noGrad } from '../autograd.js'
import { TorchError } from '../errors.js'
import { guardedSgd_, mul, sgd_ } from '../generated/ops.js'
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

  /**
   * One step. @param scaleOf what the gradient of the parameter of that name is multiplied with on the way: `clipScale`
   */
  override step(scaleOf: (name: string) => number = () => 1): void {
    this.eachGroup((live, { lr, momentum, weightDecay }) => {
      const { names, params, grads } = live
      const velocities = momentum === 0 ? [] : this.slots('momentum', live)
      sgd_(params, grads, velocities, names.map(scaleOf), lr, momentum, weightDecay)
    })
  }

  /**
   * One step that waits for nothing of the device on which the parameters are, by `_fused_sgd_` where libtorch has it; all
   * settings are tensors of one float32 there.
   * @param lr the optimizer's own rate, in place of that of `setLearningRate`
   * @param divisorOf what the gradients of a group are divided by, which the parameter of that name is in
   * @param skip 1: there is no step, and nothing changes
   */
  stepUnless(skip: Tensor, lr: Tensor, divisorOf: (name: string) => Tensor): void {
    this.eachGroup((live, { momentum, weightDecay }, rate) => {
      const { names, params, grads } = live
      const velocities = momentum === 0 ? [] : this.slots('momentum', live)
      const own = rate === 1 ? lr : mul(lr, rate)
      const divisor = divisorOf(names[0]!)
      guardedSgd_(params, grads, velocities, own, divisor, skip, momentum, weightDecay)
    })
  }
}
