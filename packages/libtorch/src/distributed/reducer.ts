import { native } from '../native.js'
import type { Tensor } from '../tensor.js'
import type { ProcessGroup } from './group.js'

/** As PyTorch's DistributedDataParallel. */
const BUCKET_BYTES = 25 * 1024 * 1024

/**
 * Averages gradients over the ranks while backward still computes: PyTorch's c10d::Reducer (arXiv 2006.15704). Every
 * parameter must take part in the loss, on every rank.
 */
export class GradientReducer {
  readonly #id: number

  /** @param group in which this process is; the parameters are the same on all of its ranks, in the same order */
  constructor(
    readonly group: ProcessGroup,
    params: Iterable<Tensor>,
    { bucketBytes = BUCKET_BYTES } = {},
  ) {
    this.#id = native.makeReducer(
      [...params].map((one) => one.handle),
      bucketBytes,
    )
  }

  /** Backward of a scalar; then `grad` of every parameter is the mean over the ranks. */
  backward(loss: Tensor): void {
    native.reducerBackward(this.#id, loss.handle)
  }

  dispose(): void {
    native.dropReducer(this.#id)
  }
}
