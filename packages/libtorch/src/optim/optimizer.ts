import { noGrad } from '../autograd.js'
import { TorchError } from '../errors.js'
import { copy_, foreachAddScalar_, stack, zeros, zerosLike } from '../generated/ops.js'
import { keep, scope, type Tensor } from '../tensor.js'

/** Parameters by name, with settings that replace the optimizer's own for them. */
export type ParameterGroup<Options> = Partial<Options> & {
  params: Iterable<readonly [string, Tensor]>
}

interface Group<Options> {
  options: Options
  params: Map<string, Tensor>
  /** Its learning rate as a multiple of the optimizer's own. */
  rate: number
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
  /** Kinds of state that a parameter may have. `step` is a count, the others have the parameter's shape. */
  protected abstract readonly kinds: readonly string[]
  readonly #state = new Map<string, Tensor>()

  /** @throws TorchError TORCH_ARGUMENT if two parameters have one name */
  constructor(groups: readonly ParameterGroup<Options>[], defaults: Options) {
    const names = new Set<string>()
    this.groups = groups.map(({ params, ...own }) => {
      const named = new Map<string, Tensor>()
      for (const [name, param] of params) {
        if (names.has(name))
          throw new TorchError(
            'TORCH_ARGUMENT',
            `two parameters are called ${name}; give each a name of its own, their state is kept under it`,
          )
        names.add(name)
        named.set(name, param)
      }
      const options = { ...defaults, ...own } as Options
      return { options, params: named, rate: own.lr === undefined ? 1 : own.lr / defaults.lr }
    })
  }

  /** One step, by the gradients that there are. */
  abstract step(): void

  /** Updates each group that has gradients. */
  protected eachGroup(update: (live: Live, options: Options, rate: number) => void): void {
    noGrad(() =>
      scope(() => {
        for (const { options, params, rate } of this.groups) {
          const live: Live = { names: [], params: [], grads: [] }
          for (const [name, param] of params) {
            const grad = param.grad
            if (!grad) continue
            live.names.push(name)
            live.params.push(param)
            live.grads.push(grad)
          }
          if (live.params.length > 0) update(live, options, rate)
        }
      }),
    )
  }

  /** Sets the learning rate; that of a group which was given one of its own keeps its proportion to it. */
  setLearningRate(lr: number): void {
    for (const { options, rate } of this.groups) options.lr = rate * lr
  }

  zeroGrad(): void {
    for (const { params } of this.groups) for (const param of params.values()) param.grad = null
  }

  /** A tensor of state for each parameter, zero at first. */
  protected slots(kind: string, { names, params }: Live): Tensor[] {
    return names.map((name, i) => this.#slot(`${name}.${kind}`, () => zerosLike(params[i]!)))
  }

  /** Adds one to each parameter's count of steps; gives the parameters by it. Mostly all have the same. */
  protected byStep({ names, params, grads }: Live): Map<number, Live> {
    const counts = names.map((name) => this.#slot(`${name}.step`, () => zeros([], 'float64')))
    foreachAddScalar_(counts, 1)
    const parts = new Map<number, Live>()
    for (const [i, step] of (stack(counts).toTypedArray() as Float64Array).entries()) {
      const part = parts.get(step) ?? { names: [], params: [], grads: [] }
      parts.set(step, part)
      part.names.push(names[i]!)
      part.params.push(params[i]!)
      part.grads.push(grads[i]!)
    }
    return parts
  }

  #slot(key: string, make: () => Tensor): Tensor {
    let slot = this.#state.get(key)
    if (!slot) {
      slot = keep(make())
      this.#state.set(key, slot)
    }
    return slot
  }

  /** State by `parameter.kind`; the optimizer's own tensors. */
  stateDict(): Map<string, Tensor> {
    return new Map(this.#state)
  }

  /**
   * Copies state in, in place of what there is. Nothing is changed unless all fits.
   * @throws TorchError TORCH_STATE_DICT if it is of other parameters or of another optimizer
   */
  loadStateDict(state: ReadonlyMap<string, Tensor>): void {
    const params = new Map(this.groups.flatMap((group) => [...group.params]))
    const loaded = noGrad(() =>
      scope(() => {
        const made = new Map<string, Tensor>()
        for (const [key, value] of state) {
          const dot = key.lastIndexOf('.')
          const [param, kind] = [params.get(key.slice(0, dot)), key.slice(dot + 1)]
          const like = kind === 'step' ? zeros([], 'float64') : param
          if (!param || !like || !this.kinds.includes(kind) || !sameShape(like, value))
            throw new TorchError(
              'TORCH_STATE_DICT',
              `optimizer state ${key} [${value.shape.join(', ')}] fits no parameter; resume with the run's own configuration`,
            )
          made.set(key, copy_(zerosLike(like), value))
        }
        return made
      }),
    )
    this.dispose()
    for (const [key, slot] of loaded) this.#state.set(key, keep(slot))
  }

  dispose(): void {
    for (const slot of this.#state.values()) slot.dispose()
    this.#state.clear()
  }
}

const sameShape = (a: Tensor, b: Tensor): boolean => a.shape.join() === b.shape.join()
