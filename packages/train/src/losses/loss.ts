import { autocast, nn, ops, optim, scope, type Tensor } from '@arcface/libtorch'
import type { Regularizer } from './regularizers/regularizer.js'
import { type Shard, WHOLE } from './shard.js'

/** Where training stands; the trainer says it before each step. */
export interface Moment {
  /** Steps done. */
  step: number
  /** Share of the margin in force, 0 to 1. */
  marginShare: number
  /** What takes the place of the loss's own scale, or null. */
  scale: number | null
}

/** Turns embeddings and labels into the scalar that training minimises. */
export abstract class Loss extends nn.Module {
  protected now: Moment = { step: 0, marginShare: 1, scale: null }
  readonly #regularizers: Regularizer[] = []

  /** Sets margin, scale and step of the calls that follow; until then the full margin holds. */
  schedule(now: Moment): void {
    this.now = now
  }

  /**
   * The mean over the batch. `embeddings` [N, dim] are the network's raw output, `labels` int64 [N].
   * Value and gradient are finite for every finite float32 embedding.
   */
  abstract override forward(embeddings: Tensor, labels: Tensor): Tensor

  /** Adds a term to what `call` gives. What it keeps is saved with the loss, as `regularizers.<name>`. */
  regularize(name: string, term: Regularizer): void {
    this.#regularizers.push(this.child(`regularizers.${name}`, term))
  }

  /** Whether terms were added to it. */
  get isRegularized(): boolean {
    return this.#regularizers.length > 0
  }

  /**
   * `forward` and the regularisers, in the weights' own precision: sums of exponentials and arcs want more than 16
   * bits.
   */
  override call(embeddings: Tensor, labels: Tensor): Tensor {
    const [device] = embeddings.device.split(':')
    const all = () =>
      this.#regularizers.reduce(
        (sum, term) => ops.add(sum, ops.mul(term.call(embeddings, labels), term.weight)),
        super.call(embeddings, labels),
      )
    return autocast(null, () => scope(all), device)
  }

  /** Centres of the classes [classes, dim], class by class, not normalised; null for a loss of pairs or triplets. */
  abstract get centres(): Tensor | null

  /** Which part of the classes these centres are of. */
  get shard(): Shard {
    return WHOLE
  }

  /** A step begins, on samples of these classes, int64 [N]; a label below 0 names none. */
  begin(_labels: Tensor): void {}

  /** L2 norm of its parameters' gradients, float64 []; null where these never exist as a whole. */
  gradNorm(): Tensor | null {
    return optim.gradNormOf(this.parameters())
  }

  /**
   * The step ends, after the optimizer's own: moves what has no gradient that the optimizer could step by.
   * @param name what `weight` is called in the optimizer
   * @param skip float32 [1]; where it is 1, nothing moves
   */
  descend(_optimizer: optim.SGD, _name: string, _skip: Tensor | null = null): void {}
}
