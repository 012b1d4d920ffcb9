import { noGrad } from '../autograd.js'
import { TorchError } from '../errors.js'
import { add_, copy_, zeros, zerosLike } from '../generated/ops.js'
import { keep, scope, type Tensor } from '../tensor.js'

/** Parameters by name, with settings that replace the optimizer's own for them. */
export type ParameterGroup<Options> = Partial<Options> & {
  params: Iterable<readonly [string, Tensor]>
}

interface Group<Options> {
  options: Options
  params: Map<string, Tensor>
}

/** The parameters of a group that have a gradient, with it. */
export interface Live {
  names: string[]
  params: Tensor[]
  grads: Tensor[]
}

/** What optimizers share: groups, a learning rate a group, state by parameter name. */
export abstract class Optimizer<Options extends { lr: number }> {
  readonly groups: Group<Options>[]
  readonly #state = new Map<string, Tensor>()

  constructor(groups: readonly ParameterGroup<Options>[], defaults: Options) {
    this.groups = groups.map(({ params, ...own }) => ({
      options: { ...defaults, ...own } as Options,
      params: new Map(params),
    }))
  }

  protected abstract update(live: Live, options: Options): void

  /** One step. Consumes the gradients: their memory serves as scratch. */
  step(): void {
    noGrad(() =>
      scope(() => {
        for (const { options, params } of this.groups) {
          const live: Live = { names: [], params: [], grads: [] }
          for (const [name, param] of params) {
            const grad = param.grad
            if (!grad) continue
            live.names.push(name)
            live.params.push(param)
            live.grads.push(grad)
          }
          if (live.params.length > 0) this.update(live, options)
        }
      }),
    )
  }

  /** Sets one learning rate for every group. */
  setLearningRate(lr: number): void {
    for (const { options } of this.groups) options.lr = lr
  }

  zeroGrad(): void {
    for (const { params } of this.groups) for (const param of params.values()) param.grad = null
  }

  /** A tensor of state for each parameter, zero at first. */
  protected slots(kind: string, { names, params }: Live): Tensor[] {
    return names.map((name, i) => {
      const key = `${name}.${kind}`
      let slot = this.#state.get(key)
      if (!slot) {
        slot = keep(zerosLike(params[i]!))
        this.#state.set(key, slot)
      }
      return slot
    })
  }

  /** Adds one to a group's count of steps and gives it; kept under the name of its first parameter. */
  protected count({ names }: Live): number {
    const key = `${names[0]}.step`
    let slot = this.#state.get(key)
    if (!slot) {
      slot = keep(zeros([], 'float64'))
      this.#state.set(key, slot)
    }
    return add_(slot, 1).item()
  }

  /** State by `parameter.kind`; the optimizer's own tensors. */
  stateDict(): Map<string, Tensor> {
    return new Map(this.#state)
  }

  /** Copies state in. @throws TorchError TORCH_STATE_DICT if it is of other parameters */
  loadStateDict(state: ReadonlyMap<string, Tensor>): void {
    const params = new Map(this.groups.flatMap((group) => [...group.params]))
    noGrad(() =>
      scope(() => {
        for (const [key, value] of state) {
          const param = params.get(key.slice(0, key.lastIndexOf('.')))
          if (!param || !fits(param, value))
            throw new TorchError(
              'TORCH_STATE_DICT',
              `optimizer state ${key} [${value.shape.join(', ')}] fits no parameter; resume with the run's own configuration`,
            )
          const slot = value.shape.length === 0 ? zerosLike(value) : zerosLike(param)
          this.#state.get(key)?.dispose()
          this.#state.set(key, keep(copy_(slot, value)))
        }
      }),
    )
  }

  dispose(): void {
    for (const slot of this.#state.values()) slot.dispose()
    this.#state.clear()
  }
}

const fits = (param: Tensor, value: Tensor): boolean =>
  value.shape.length === 0 || param.shape.join() === value.shape.join()
