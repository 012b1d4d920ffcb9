import { firstNames } from '@arcface/files'
import { noGrad } from '../autograd.js'
import type { DType, MemoryFormat } from '../dtype.js'
import { TorchError } from '../errors.js'
import { clone, copy_, setData, to } from '../generated/ops.js'
import { keep, scope, type Tensor } from '../tensor.js'

/** Parameters and buffers by PyTorch's dotted names. The tensors are the module's own. */
export type StateDict = Map<string, Tensor>

export interface LoadReport {
  /** Names that the module has and the weights do not. */
  missing: string[]
  /** Names that the weights have and the module does not. */
  unexpected: string[]
}

/** A piece of a network: named parameters, buffers and children, as PyTorch's `nn.Module`. */
export abstract class Module {
  training = true
  readonly #children = new Map<string, Module>()
  readonly #parameters = new Map<string, Tensor>()
  readonly #buffers = new Map<string, Tensor>()

  /** Computes the output; callers use `call`, which frees what lies between. */
  abstract forward(...inputs: Tensor[]): Tensor

  /** Runs `forward` in a scope: of the tensors made on the way only those that backward needs stay. */
  call(...inputs: Tensor[]): Tensor {
    return scope(() => this.forward(...inputs))
  }

  protected child<M extends Module>(name: string, module: M): M {
    this.#children.set(name, module)
    return module
  }
  /** Registers a trained tensor; it belongs to the module from here on. */
  protected parameter(name: string, value: Tensor): Tensor {
    value.requiresGrad = true
    this.#parameters.set(name, keep(value))
    return value
  }
  /** Registers a tensor that is saved but not trained. */
  protected buffer(name: string, value: Tensor): Tensor {
    this.#buffers.set(name, keep(value))
    return value
  }

  *namedModules(prefix = ''): Generator<[string, Module]> {
    yield [prefix, this]
    for (const [name, child] of this.#children)
      yield* child.namedModules(prefix ? `${prefix}.${name}` : name)
  }
  *namedParameters(): Generator<[string, Tensor]> {
    for (const [path, module] of this.namedModules())
      for (const [name, value] of module.#parameters) yield [path ? `${path}.${name}` : name, value]
  }
  *namedBuffers(): Generator<[string, Tensor]> {
    for (const [path, module] of this.namedModules())
      for (const [name, value] of module.#buffers) yield [path ? `${path}.${name}` : name, value]
  }
  parameters(): Tensor[] {
    return [...this.namedParameters()].map(([, value]) => value)
  }

  train(mode = true): this {
    for (const [, module] of this.namedModules()) module.training = mode
    return this
  }
  eval(): this {
    return this.train(false)
  }

  /** Names in PyTorch's order: a module's parameters, then its buffers, then its children. */
  stateDict(): StateDict {
    const state: StateDict = new Map()
    for (const [path, module] of this.namedModules())
      for (const own of [module.#parameters, module.#buffers])
        for (const [name, value] of own) state.set(path ? `${path}.${name}` : name, value)
    return state
  }

  /**
   * Copies weights in, by name. Nothing is changed unless all fit.
   * @param strict refuse missing and unexpected names (default); otherwise they are reported
   * @throws TorchError TORCH_STATE_DICT naming what does not fit
   */
  loadStateDict(weights: ReadonlyMap<string, Tensor>, { strict = true } = {}): LoadReport {
    const own = this.stateDict()
    const missing = [...own.keys()].filter((name) => !weights.has(name))
    const unexpected = [...weights.keys()].filter((name) => !own.has(name))
    const wrong = [...own].flatMap(([name, value]) => {
      const given = weights.get(name)?.shape
      const shape = value.shape
      return given && given.join() !== shape.join()
        ? [`${name} is [${given.join(', ')}], the network wants [${shape.join(', ')}]`]
        : []
    })
    const wants = strict ? [...list('missing', missing), ...list('unexpected', unexpected)] : []
    if (wrong.length + wants.length > 0)
      throw new TorchError(
        'TORCH_STATE_DICT',
        `weights of another architecture: ${[...wrong.slice(0, 3), ...wants].join('; ')}. Use the backbone and sizes that these weights were trained with.`,
      )
    noGrad(() =>
      scope(() => {
        for (const [name, value] of own) {
          const given = weights.get(name)
          if (given) copy_(value, given)
        }
      }),
    )
    return { missing, unexpected }
  }

  /** Moves parameters and buffers; 4-D parameters take the memory format. */
  to({
    device,
    dtype,
    memoryFormat,
  }: {
    device?: string
    dtype?: DType
    memoryFormat?: MemoryFormat
  }): this {
    noGrad(() =>
      scope(() => {
        for (const value of this.stateDict().values()) {
          const floating = value.dtype.includes('float')
          let moved = to(value, device ?? value.device, (floating && dtype) || value.dtype)
          // A copy even where the order of the values is the same (1 x 1): it has the strides that gradients get, which the
          // Reducer compares.
          if (memoryFormat && value.shape.length === 4) moved = clone(moved, memoryFormat)
          setData(value, moved)
        }
      }),
    )
    return this
  }

  /** Frees parameters and buffers; the module is of no use afterwards. */
  dispose(): void {
    for (const value of this.stateDict().values()) value.dispose()
  }
}

const list = (what: string, names: string[]): string[] =>
  names.length === 0 ? [] : [`${what} ${firstNames(names)}`]
