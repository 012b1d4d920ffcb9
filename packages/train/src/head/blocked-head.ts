import {
  keep,
  noGrad,
  ops,
  type optim,
  type ProcessGroup,
  scope,
  type Tensor,
} from '@arcface/libtorch'
import { directions } from '../losses/cosines.js'
import { Loss, type Moment, type UnifiedMargin } from '../losses/index.js'
import { type Shard, WHOLE } from '../losses/shard.js'
import { gatherLabelled } from './gather.js'
import { sampleClasses } from './sample.js'

/** Classes at a time: their centres, cosines and gradients stay in a processor's caches. */
const BLOCK = 1024

export interface BlockedOptions {
  /** The ranks over which the classes are dealt out; null: they are all here. */
  group?: ProcessGroup | null
  /** The first class that is here. */
  start?: number
  /** Share of the classes that a step compares with. */
  sample?: number
  block?: number
  /** Products of bfloat16 where the processor multiplies it; centres and sums stay float32. */
  bf16?: boolean
}

/** What a part of a batch leaves for the centres' update. */
interface Part {
  x: Tensor
  own: Tensor
  ownSlope: Tensor
  logSum: Tensor
  /** Cosine with the nearest centre of another class. */
  other: Tensor
}

/**
 * A margin loss over very many classes. Neither logits [N, classes] nor the gradient of the centres exist as a whole:
 * `forward` goes through the classes in blocks for value and gradient of the embeddings, and `descend`, which takes the
 * place of the optimizer's step for the centres, goes through them again. Memory beyond centres and momentum:
 * O(N x block). Value and gradients are those of the loss inside; over ranks those of `ShardedHead`.
 *
 * A step is `begin`, one `forward` or several on parts of the batch, and `descend`, which takes the loss to be the mean
 * over all samples of the parts. With `sample` below 1 it knows the batch's own classes and others drawn anew each time
 * (Partial FC, arXiv 2203.15565, section 3.2); the other centres stay as they are, without decay and momentum.
 */
export class BlockedHead extends Loss {
  readonly group: ProcessGroup | null
  readonly #start: number
  readonly #share: number
  readonly #block: number
  readonly #bf16: boolean
  #sample: Tensor | null = null
  #parts: Part[] = []

  /** @param inner the loss over the classes that are here; without regularisers */
  constructor(
    readonly inner: UnifiedMargin,
    { group = null, start = 0, sample = 1, block = BLOCK, bf16 = false }: BlockedOptions = {},
  ) {
    super()
    this.group = group
    this.#start = start
    this.#share = sample
    this.#block = block
    this.#bf16 = bf16
    this.parameter('weight', inner.weight)
  }

  override get centres(): Tensor {
    return this.inner.weight
  }

  override get shard(): Shard {
    return this.group ? { rank: this.group.rank, world: this.group.worldSize } : WHOLE
  }

  override schedule(now: Moment): void {
    super.schedule(now)
    this.inner.schedule(now)
  }

  /** Begins a step on samples of these classes, int64 [N], below 0 none; forgets what a step that was not taken has left. */
  override begin(labels: Tensor): void {
    this.#forget()
    if (this.#share === 1) return
    const { group, inner } = this
    scope(() => {
      const own = this.#ownClasses(group ? group.allGather(labels) : labels)
      this.#sample = keep(sampleClasses(own, inner.classes, this.#share))
    })
  }

  /** As of every loss, over all classes in `eval`. Without `begin` before it, it begins a step by itself. */
  override forward(embeddings: Tensor, labels: Tensor): Tensor {
    const { group } = this
    if (this.training && this.#share < 1 && !this.#sample) this.begin(labels)
    const [all, given] = group ? gatherLabelled(group, embeddings, labels) : [embeddings, labels]
    const x = directions(all, 'float32')
    const [value, slope] = noGrad(() => this.#compute(ops.contiguous(x.detach()), given))
    const along = ops.sum(ops.mul(x, slope))
    return ops.add(ops.sub(along, along.detach()), value)
  }

  /** The loss, and its derivative by the unit embeddings x of all ranks: of sharded classes, their part of it. */
  #compute(x: Tensor, labels: Tensor): readonly [Tensor, Tensor] {
    const { inner, group } = this
    const { scale } = inner
    const own = this.#ownClasses(labels)
    const mine = ops.ge(own, 0)
    const sample = this.training ? this.#sample : null
    const [most, ownSum, pull] = ops.classSoftmax(x, inner.weight, own, sample, ...this.#layout())
    const [centre, cosine] = this.#target(x, own)
    const [change, slope] = inner.targetChange(cosine)
    const target = where(mine, ops.mul(ops.add(cosine, change), scale), 0)
    // The batch's maxima and sums with the targets; sums in float64.
    const tops = ops.stack([
      ops.where(ops.logicalAnd(mine, ops.gt(target, most)), target, most),
      most,
    ])
    if (group) group.allReduce(tops, 'max')
    const top = ops.select(tops, 0, 0)
    const share = (of: Tensor) => ops.exp(ops.toDtype(ops.sub(of, top), 'float64'))
    const part = ops.add(ops.mul(ownSum, share(most)), where(mine, share(target), 0))
    const both = ops.stack([part, ops.toDtype(target, 'float64')])
    if (group) group.allReduce(both)
    const logSum = ops.add(ops.log(ops.select(both, 0, 0)), top)
    const value = ops.toDtype(ops.mean(ops.sub(logSum, ops.select(both, 0, 1))), 'float32')

    const less = ops.toDtype(ops.sub(ops.exp(ops.sub(target, logSum)), 1), 'float32')
    const ownSlope = where(mine, ops.mul(less, ops.add(slope, 1)), 0)
    const others = ops.toDtype(ops.exp(ops.sub(most, logSum)), 'float32')
    const column = (of: Tensor) => ops.unsqueeze(of, 1)
    const slopes = ops.add(ops.mul(pull, column(others)), ops.mul(centre, column(ownSlope)))
    const byX = ops.mul(slopes, scale / own.size)
    if (this.training) {
      const other = ops.div(ops.select(tops, 0, 1), scale)
      const part = { x, own, ownSlope, logSum: ops.toDtype(logSum, 'float32'), other }
      for (const one of Object.values(part)) keep(one)
      this.#parts.push(part)
    }
    return [value, byX]
  }

  /** Classes [N] of all ranks' samples, counted from the first that is here; -1 for those that are elsewhere. */
  #ownClasses(labels: Tensor): Tensor {
    const { group, inner } = this
    if (!group) return ops.contiguous(labels)
    const shifted = ops.sub(labels, this.#start)
    const inside = ops.logicalAnd(ops.ge(shifted, 0), ops.lt(shifted, inner.classes))
    return ops.contiguous(where(inside, shifted, -1))
  }

  /** The nearest centre of each sample's class, at unit length [N, dim], and its cosine [N]. */
  #target(x: Tensor, own: Tensor): readonly [Tensor, Tensor] {
    const { weight, classes, dim } = this.inner
    const byClass = ops.reshape(weight.detach(), [classes, -1])
    const rows = ops.indexSelect(byClass, 0, ops.clamp(own, 0))
    const units = ops.reshape(directions(ops.reshape(rows, [-1, dim]), 'float32'), [
      x.shape[0]!,
      -1,
      dim,
    ])
    const [cosine, nearest] = ops.maxDim(ops.sumDim(ops.mul(units, ops.unsqueeze(x, 1)), [2]), 1)
    const index = ops.expand(ops.reshape(nearest, [-1, 1, 1]), [-1, 1, dim])
    return [ops.squeeze(ops.gather(units, 1, index), 1), cosine]
  }

  /**
   * Cosines [N] of the last `forward` in training with the nearest centre of another class, of those that the step compares
   * with; one that the loss's filter leaves out counts as 0.
   */
  get otherCosine(): Tensor | null {
    return this.#parts.at(-1)?.other ?? null
  }

  #layout() {
    const { inner } = this
    const perClass = inner.weight.shape[0]! / inner.classes
    const filter = inner.interclassFilter ?? Infinity
    return [inner.scale, filter, perClass, this.#block, this.#bf16] as const
  }

  /** `descend` makes the centres' gradients block by block. */
  override gradNorm(): null {
    return null
  }

  /**
   * Ends the step: moves the centres, which are called `name` in the optimizer. Without a `forward` in training before it
   * does nothing.
   */
  override descend(optimizer: optim.SGD, name: string, skip: Tensor | null = null): void {
    if (this.#parts.length > 0)
      optimizer.stepBy(name, (weight, velocity, { lr, momentum, weightDecay }) => {
        const all = (key: keyof Part) => ops.cat(this.#parts.map((part) => part[key]))
        const own = all('own')
        const [scale, filter, perClass, block, bf16] = this.#layout()
        const factor = scale / own.size
        const slope = ops.mul(all('ownSlope'), factor)
        ops.classDescent_(
          ...([weight, velocity, all('x'), own, slope, all('logSum'), this.#sample] as const),
          ...([
            scale,
            filter,
            perClass,
            block,
            factor,
            lr,
            momentum,
            weightDecay,
            bf16,
            skip && ops.gt(skip, 0),
          ] as const),
        )
      })
    this.#forget()
  }

  #forget(): void {
    for (const part of this.#parts) for (const one of Object.values(part)) one.dispose()
    this.#parts = []
    this.#sample?.dispose()
    this.#sample = null
  }

  override dispose(): void {
    this.#forget()
    super.dispose()
  }
}

const where = (condition: Tensor, yes: Tensor, no: number): Tensor =>
  ops.where(condition, yes, ops.add(ops.zerosLike(yes), no))
