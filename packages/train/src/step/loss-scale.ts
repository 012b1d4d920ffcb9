import { keep, ops, scope, type Tensor, tensor } from '@arcface/libtorch'

const [FIRST, GROWTH, BACKOFF, INTERVAL] = [65_536, 2, 0.5, 2000]

/**
 * What the loss is multiplied with, so that its gradients are not too small for float16 (Micikevicius and others 2018, arXiv
 * 1710.03740, section 3.2). A step whose gradients overflow is left out and halves it; 2000 good ones in a row double it;
 * the constants are those of PyTorch's GradScaler. It lives on the device, where nothing has to wait for it.
 */
export class LossScale {
  /** float32 [1]. */
  readonly value: Tensor
  /** Good steps since it was changed last, float32 [1]. */
  readonly #good: Tensor

  constructor(
    device: string,
    readonly interval = INTERVAL,
  ) {
    const on = (value: number) => keep(scope(() => ops.to(tensor([value]), device, 'float32')))
    this.value = on(FIRST)
    this.#good = on(0)
  }

  /** A step is over. @param skipped float32 [1]: 1 where its gradients were not finite */
  update(skipped: Tensor): void {
    scope(() => {
      const bad = ops.gt(skipped, 0)
      const good = ops.add(this.#good, 1)
      const isDue = ops.ge(good, this.interval)
      const grown = ops.where(isDue, ops.mul(this.value, GROWTH), this.value)
      const zero = ops.zerosLike(good)
      ops.copy_(this.#good, ops.where(ops.logicalOr(bad, isDue), zero, good))
      ops.copy_(this.value, ops.where(bad, ops.mul(this.value, BACKOFF), grown))
    })
  }

  /** For a checkpoint; its own tensors. */
  stateDict(): Map<string, Tensor> {
    return new Map([
      ['value', this.value],
      ['good', this.#good],
    ])
  }
  loadStateDict(state: ReadonlyMap<string, Tensor>): void {
    for (const [name, own] of this.stateDict()) ops.copy_(own, state.get(name)!)
  }

  dispose(): void {
    this.value.dispose()
    this.#good.dispose()
  }
}
