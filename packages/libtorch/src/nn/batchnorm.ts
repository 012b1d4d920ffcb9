import { TorchError } from '../errors.js'
import { add_, batchNorm, ones, zeros } from '../generated/ops.js'
import type { Tensor } from '../tensor.js'
import { Module } from './module.js'

export interface BatchNormOptions {
  eps?: number
  /** Share of the batch in the running statistics. */
  momentum?: number
}

/** Batch normalisation over all but the channel dimension (Ioffe & Szegedy 2015), PyTorch's defaults. */
class BatchNorm extends Module {
  readonly weight: Tensor
  readonly bias: Tensor
  readonly runningMean: Tensor
  readonly runningVar: Tensor
  readonly #batches: Tensor
  readonly #eps: number
  readonly #momentum: number

  constructor(features: number, { eps = 1e-5, momentum = 0.1 }: BatchNormOptions = {}) {
    super()
    this.weight = this.parameter('weight', ones([features]))
    this.bias = this.parameter('bias', zeros([features]))
    this.runningMean = this.buffer('running_mean', zeros([features]))
    this.runningVar = this.buffer('running_var', ones([features]))
    this.#batches = this.buffer('num_batches_tracked', zeros([], 'int64'))
    this.#eps = eps
    this.#momentum = momentum
  }

  /** @throws TorchError TORCH_SHAPE for one value a channel in training: it has no variance */
  override forward(x: Tensor): Tensor {
    if (this.training) {
      if (x.size <= this.runningMean.size)
        throw new TorchError(
          'TORCH_SHAPE',
          `batch normalisation in training wants more than one value a channel, got [${x.shape.join(', ')}]; take a larger batch`,
        )
      add_(this.#batches, 1)
    }
    return batchNorm(
      x,
      this.weight,
      this.bias,
      this.runningMean,
      this.runningVar,
      this.training,
      this.#momentum,
      this.#eps,
      true,
    )
  }
}

/** Over [N, C]. */
export class BatchNorm1d extends BatchNorm {}
/** Over [N, C, H, W]. */
export class BatchNorm2d extends BatchNorm {}
