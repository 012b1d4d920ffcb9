import { dropout, flatten, full, fusedPrelu, leakyRelu } from '../generated/ops.js'
import type { Tensor } from '../tensor.js'
import { Module } from './module.js'

/** max(x, 0) + slope min(x, 0), which a normalisation before it can do in its own pass. */
export interface Activation extends Module {
  /** One slope a channel, or one for all, on the input's device. */
  slopes(x: Tensor): Tensor
}

/**
 * max(x, 0) + a min(x, 0) with one trained slope a channel (He et al. 2015), first 0.25. Dispatches
 * `arcface::prelu`: the output has the input's dtype, whatever that of the slopes.
 */
export class PReLU extends Module implements Activation {
  readonly weight: Tensor
  constructor(channels: number) {
    super()
    this.weight = this.parameter('weight', full([channels], 0.25, 'float32'))
  }
  override forward(x: Tensor): Tensor {
    return fusedPrelu(x, this.weight)
  }
  slopes(): Tensor {
    return this.weight
  }
}

/** max(x, 0) + slope min(x, 0) with one fixed slope. */
export class LeakyReLU extends Module implements Activation {
  constructor(readonly slope = 0.01) {
    super()
  }
  override forward(x: Tensor): Tensor {
    return leakyRelu(x, this.slope)
  }
  slopes({ device }: Tensor): Tensor {
    return full([1], this.slope, 'float64', null, device)
  }
}

/** Zeroes a share of the values in training and scales the rest. */
export class Dropout extends Module {
  constructor(readonly probability: number) {
    super()
  }
  override forward(x: Tensor): Tensor {
    if (!this.training || this.probability === 0) return x
    return dropout(x, this.probability, true)
  }
}

/** [N, ...] to [N, product]. */
export class Flatten extends Module {
  override forward(x: Tensor): Tensor {
    return flatten(x, 1)
  }
}

/** Modules one after the other, named 0, 1, 2, ... */
export class Sequential extends Module {
  readonly modules: readonly Module[]
  constructor(...modules: Module[]) {
    super()
    this.modules = modules.map((module, i) => this.child(String(i), module))
  }
  override forward(x: Tensor): Tensor {
    return this.modules.reduce((value, module) => module.call(value), x)
  }
}
