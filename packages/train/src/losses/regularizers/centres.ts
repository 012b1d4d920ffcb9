import { ops, type Tensor } from '@arcface/libtorch'
import { TrainError } from '../../errors.js'
import type { Loss } from '../loss.js'
import type { LossShape } from '../shape.js'
import { Regularizer } from './regularizer.js'

/** A term that works on the class centres of the loss which it is added to. */
export abstract class CentreRegularizer extends Regularizer {
  protected readonly classes: number
  readonly #loss: Loss

  /** @throws TrainError TRAIN_LOSS if the loss has no centres */
  constructor(name: string, loss: Loss, { classes }: LossShape, weight: number) {
    super(weight)
    if (!loss.centres)
      throw new TrainError(
        'TRAIN_LOSS',
        `loss.regularizers: ${name} works on class centres, and this loss has none. Take ${name} out, or use a loss with centres, such as norm-softmax.`,
      )
    this.classes = classes
    this.#loss = loss
  }

  /** [classes x perClass, dim], not normalised. */
  protected get centres(): Tensor {
    return this.#loss.centres!
  }

  /** Centres a class. */
  protected get perClass(): number {
    return this.centres.shape[0]! / this.classes
  }

  /** Those of the classes `labels` [N], class by class: [N x perClass, dim]. */
  protected centresOf(labels: Tensor): Tensor {
    const { centres } = this
    const dim = centres.shape[1]!
    const byClass = ops.reshape(centres, [this.classes, -1])
    return ops.reshape(ops.indexSelect(byClass, 0, labels), [-1, dim])
  }
}
