import { noGrad, ops, type Tensor } from '@arcface/libtorch'
import { z } from 'zod'
import { ClassLoss } from './class-loss.js'
import { cosines } from './cosines.js'
import type { LossShape } from './shape.js'

/** Settings of every loss on the hypersphere. */
export const cosineOptions = {
  /** Radius s. 64 as published; 16 to 32 suit a few hundred people. */
  scale: z.number().positive().finite().default(64),
  /**
   * Other people's centres nearer than this cosine are left out, as likely the same person under a second
   * name (Partial FC, arXiv 2203.15565, section 3.3); null: off.
   */
  interclassFilter: z.number().min(0).max(1).nullable().default(null),
}

export interface CosineOptions {
  scale: number
  interclassFilter?: number | null
}

/** Cross-entropy of s times cosines [N, classes], which `adjust` may change. */
export abstract class CosineLoss extends ClassLoss {
  readonly #scale: number
  readonly #filter: number | null

  constructor(shape: LossShape, { scale, interclassFilter = null }: CosineOptions, perClass = 1) {
    super(shape, perClass)
    this.#scale = scale
    this.#filter = interclassFilter
  }

  get scale(): number {
    return this.now.scale ?? this.#scale
  }

  /** Cosine above which another class's centre is left out; null: none is. */
  get interclassFilter(): number | null {
    return this.#filter
  }

  /** Puts the margin in: cosines [N, classes] to what is scaled. `embeddings` are raw, of any dtype. */
  protected abstract adjust(cosine: Tensor, labels: Tensor, embeddings: Tensor): Tensor

  /** Cosines of embeddings and centres, [N, classes]. */
  similarities(embeddings: Tensor): Tensor {
    return cosines(embeddings, this.weight)
  }

  override logits(embeddings: Tensor, labels: Tensor): Tensor {
    return this.#logitsOf(this.similarities(embeddings), labels, embeddings)
  }

  /**
   * `logits` where these are a part of the classes only. A row whose class is elsewhere has `mine` [N, 1] false and any
   * label: it gets no margin.
   */
  partialLogits(embeddings: Tensor, labels: Tensor, mine: Tensor): Tensor {
    const cosine = this.similarities(embeddings)
    const foreign =
      this.#filter === null
        ? cosine
        : ops.where(ops.gt(cosine, this.#filter), ops.zerosLike(cosine), cosine)
    const own = this.#logitsOf(cosine, labels, embeddings)
    return ops.where(mine, own, ops.mul(foreign, this.scale))
  }

  #logitsOf(cosine: Tensor, labels: Tensor, embeddings: Tensor): Tensor {
    const kept = this.#filter === null ? cosine : withoutTwins(cosine, labels, this.#filter)
    return ops.mul(this.adjust(kept, labels, embeddings), this.scale)
  }
}

/** Cosines with other classes above the threshold become 0, as in arcface_torch (losses.py). */
function withoutTwins(cosine: Tensor, labels: Tensor, threshold: number): Tensor {
  const twins = noGrad(() =>
    ops.scatterValue(ops.gt(cosine, threshold), 1, ops.unsqueeze(labels, 1), 0),
  )
  return ops.where(twins, ops.zerosLike(cosine), cosine)
}
