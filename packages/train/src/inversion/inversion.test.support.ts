// What tests of the inversion share: a small network with BatchNorm over maps, and its layers by plain loops.
import { nn, noGrad, ops, scope, type Tensor, tensor } from '@arcface/libtorch'
import { Random } from '@arcface/vision'

/** Kernel of 1 x 1, BatchNorm, PReLU, pooled to 4 x 4, a layer to `dim` values. */
export class SmallNetwork extends nn.Module {
  readonly #conv: nn.Conv2d
  readonly #norm: nn.BatchNorm2d
  readonly #activation: nn.PReLU
  readonly #last: nn.Linear

  constructor(
    readonly channels: number,
    side: number,
    dim: number,
    seed = 1,
  ) {
    super()
    this.#conv = this.child('conv', new nn.Conv2d(3, channels, 1, { bias: false }))
    this.#norm = this.child('norm', new nn.BatchNorm2d(channels))
    this.#activation = this.child('prelu', new nn.PReLU(channels))
    this.#last = this.child('last', new nn.Linear(channels * (side / 4) ** 2, dim))
    const random = new Random(seed)
    noGrad(() =>
      scope(() => {
        for (const [name, value] of this.stateDict()) {
          if (name.endsWith('num_batches_tracked')) continue
          const shift = name.endsWith('running_var') ? 1.5 : 0
          const numbers = Float64Array.from(
            { length: value.size },
            () => shift + random.between(-1, 1),
          )
          ops.copy_(value, tensor(numbers, value.shape))
        }
      }),
    )
    this.eval()
  }

  override forward(x: Tensor): Tensor {
    const made = this.#activation.call(this.#norm.call(this.#conv.call(x)))
    const pooled = ops.avgPool2d(made, [4, 4], [4, 4])
    return this.#last.call(ops.flatten(pooled, 1))
  }
}

/** Numbers from -1 to 1, the same for the same seed. */
export function numbers(count: number, seed: number): Float64Array {
  const random = new Random(seed)
  return Float64Array.from({ length: count }, () => random.between(-1, 1))
}

/** Central differences of `f` at `x`, whose values are changed one by one (float64, contiguous). */
export function slopes(f: (x: Tensor) => Tensor, x: Tensor, step = 1e-5): number[] {
  const values = x.asTypedArray() as Float64Array
  const at = () => noGrad(() => scope(() => f(x).item()))
  return Array.from(values, (value, i) => {
    values[i] = value + step
    const above = at()
    values[i] = value - step
    const below = at()
    values[i] = value
    return (above - below) / (2 * step)
  })
}
