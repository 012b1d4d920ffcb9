import { noGrad, ops, scope, type Tensor, tensor } from '@arcface/libtorch'
import { TrainError } from '../errors.js'
import { ClassLoss, CosineLoss, createLoss } from '../losses/index.js'
import type { NamedLoss } from './named-loss.js'

/** Logits divided by the scale of the loss, one a sample. */
export interface Logits {
  /** Of the sample's own class. */
  own: Float64Array
  /** Of the class that it does not belong to. */
  other: Float64Array
}

/**
 * Asks a loss for its logits at given angles: what is drawn is what the trainer uses, in float64. Features and centres
 * have length 1, a bias is 0. Holds tensors until `dispose()`.
 */
export class LogitProbe {
  readonly count: number
  readonly #loss: ClassLoss
  readonly #scale: number

  /**
   * @param count samples that `at` is asked about at a time
   * @throws TrainError TRAIN_LOSS if there is no such loss, or it has no logits (Triplet)
   */
  constructor({ label, loss }: NamedLoss, count: number) {
    const built = createLoss(loss, { classes: 2 * count, dim: 2 })
    if (!(built instanceof ClassLoss)) {
      built.dispose()
      throw new TrainError(
        'TRAIN_LOSS',
        `${label} compares samples with each other and has no logits to draw; choose a loss of classes, such as arcface`,
      )
    }
    this.count = count
    this.#loss = built.to({ dtype: 'float64' }).eval()
    this.#scale = built instanceof CosineLoss ? built.scale : 1
  }

  /**
   * All samples are one point and each has two centres of its own, at angles `own` and `other` from it (radians,
   * `count` each): so the two are free of each other, as in many dimensions.
   */
  at(own: ArrayLike<number>, other: ArrayLike<number>): Logits {
    const { count } = this
    const angles = Float64Array.of(...Array.from(own), ...Array.from(other))
    return noGrad(() =>
      scope(() => {
        this.#setCentres(angles)
        const samples = Float64Array.from({ length: 2 * count }, (_, i) => 1 - (i % 2))
        const labels = BigInt64Array.from({ length: count }, (_, i) => BigInt(i))
        const logits = this.#loss
          .logits(tensor(samples, [count, 2]), tensor(labels))
          .toTypedArray() as Float64Array
        const pick = (first: number) =>
          Float64Array.from(labels, (_, i) => logits[i * 2 * count + first + i]! / this.#scale)
        return { own: pick(0), other: pick(count) }
      }),
    )
  }

  #setCentres(angles: Float64Array): void {
    const { centres } = this.#loss as { centres: Tensor }
    const each = centres.shape[0]! / angles.length // more than one where a class has sub-centres
    const rows = Array.from(angles, (angle) => [Math.cos(angle), Math.sin(angle)])
    const values = rows.flatMap((row) => Array.from({ length: each }, () => row).flat())
    ops.copy_(centres, tensor(Float64Array.from(values), centres.shape))
  }

  dispose(): void {
    this.#loss.dispose()
  }
}
