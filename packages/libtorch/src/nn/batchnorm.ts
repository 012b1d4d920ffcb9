import { TorchError } from '../errors.js'
import { add_, fusedBatchNorm, groupedNorm, ones, pointwiseNorm, zeros } from '../generated/ops.js'
import { scope, type Tensor } from '../tensor.js'
import type { Conv2d } from './conv.js'
import type { Activation } from './layers.js'
import { Module } from './module.js'

export interface BatchNormOptions {
  eps?: number
  /** Share of the batch in the running statistics. */
  momentum?: number
}

/** What follows a normalisation, in this order. */
export interface Following {
  activation?: Activation | null
  /** Is added; of the output's shape. */
  residual?: Tensor | null
  /**
   * Statistics of the input from the operator that made it, float32 [parts, 3, channels]: count, mean
   * and sum of squared distances from it. They spare a pass over the input in training.
   */
  stats?: Tensor | null
}

/**
 * Batch normalisation over all but the channel dimension (Ioffe & Szegedy 2015), PyTorch's defaults.
 * Dispatches `arcface::batch_norm`.
 */
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
    return this.followedBy({}, x)
  }

  /** The layer and what follows it, in as few passes over the memory as they need. @throws as `forward` */
  followedBy({ activation = null, residual = null, stats = null }: Following, x: Tensor): Tensor {
    this.#count(x)
    return scope(() =>
      fusedBatchNorm(
        x,
        this.weight,
        this.bias,
        this.runningMean,
        this.runningVar,
        activation?.slopes(x) ?? null,
        residual,
        this.training,
        this.#momentum,
        this.#eps,
        stats,
      ),
    )
  }

  /**
   * A convolution, the layer, and what follows it. In training a convolution of one pixel and the layer
   * are one operator, `arcface::pointwise_norm`; one in groups and the layer, without a residual, are
   * `arcface::grouped_norm`. @throws as `forward`
   */
  after(convolution: Conv2d, { activation = null, residual = null }: Following, x: Tensor): Tensor {
    const { pointwise, grouped, weight } = convolution
    // What one image leaves may be one value a channel, which the layer itself refuses.
    const together = pointwise || (grouped && !residual && x.shape[0]! > 1)
    if (!this.training || !together)
      return scope(() => this.followedBy({ activation, residual }, convolution.call(x)))
    this.#count(x)
    return scope(() => {
      const { bias, runningMean, runningVar } = this
      const own = [x, weight, this.weight, bias, runningMean, runningVar] as const
      const slopes = activation?.slopes(x) ?? null
      const by = [this.#momentum, this.#eps] as const
      return grouped
        ? groupedNorm(...own, slopes, ...grouped, ...by)
        : pointwiseNorm(...own, slopes, residual, ...by)
    })
  }

  #count(x: Tensor): void {
    if (!this.training) return
    if (x.size <= x.shape[1]!)
      throw new TorchError(
        'TORCH_SHAPE',
        `batch normalisation in training wants more than one value a channel, got [${x.shape.join(', ')}]; take a larger batch`,
      )
    add_(this.#batches, 1)
  }
}

/** Over [N, C]. */
export class BatchNorm1d extends BatchNorm {}
/** Over [N, C, H, W]. */
export class BatchNorm2d extends BatchNorm {}
