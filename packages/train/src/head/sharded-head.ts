import {
  getRandomState,
  nn,
  noGrad,
  ops,
  type ProcessGroup,
  scope,
  setRandomState,
  type Tensor,
} from '@arcface/libtorch'
import { TrainError } from '../errors.js'
import {
  createLoss,
  Loss,
  type LossOptions,
  type LossShape,
  type Moment,
  UnifiedMargin,
} from '../losses/index.js'
import { classesOf, type Shard } from '../losses/shard.js'
import { gatherLabelled } from './gather.js'

/** Centres that are drawn at a time. */
const CHUNK = 4096

/**
 * A margin loss whose centres are dealt out over the ranks (model-parallel softmax: Partial FC, arXiv 2203.15565, section
 * 3.1). Embeddings and labels of all ranks are gathered; each rank computes the logits of its own classes; maxima and
 * sums of exponentials are reduced over the ranks; the gradients of a rank's embeddings come back summed. What it gives
 * is the mean over the batches of all ranks, the same on each, of those images whose label is not below 0.
 */
export class ShardedHead extends Loss {
  /** @param inner the loss over this rank's classes, which begin at `start` */
  constructor(
    readonly group: ProcessGroup,
    readonly inner: UnifiedMargin,
    readonly start: number,
  ) {
    super()
    this.parameter('weight', inner.weight)
  }

  override get centres(): Tensor {
    return this.inner.weight
  }

  override get shard(): Shard {
    const { rank, worldSize: world } = this.group
    return { rank, world }
  }

  override schedule(now: Moment): void {
    super.schedule(now)
    this.inner.schedule(now)
  }

  override forward(embeddings: Tensor, labels: Tensor): Tensor {
    const { group, inner } = this
    const [all, given] = gatherLabelled(group, embeddings, labels)
    const [mine, local] = noGrad(() => {
      const shifted = ops.sub(given, this.start)
      const inside = ops.logicalAnd(ops.ge(shifted, 0), ops.lt(shifted, inner.classes))
      return [inside, ops.where(inside, shifted, ops.zerosLike(shifted))] as const
    })
    const logits = inner.partialLogits(all, local, ops.unsqueeze(mine, 1))
    const most = noGrad(() => group.allReduce(ops.clone(ops.maxDim(logits, 1)[0]), 'max'))
    const ownSum = ops.sumDim(ops.exp(ops.sub(logits, ops.unsqueeze(most, 1))), [1])
    const found = ops.squeeze(ops.gather(logits, 1, ops.unsqueeze(local, 1)), 1)
    const ownTarget = ops.where(mine, found, ops.zerosLike(found))
    const [value, sum] = noGrad(() => {
      const both = group.allReduce(ops.stack([ownSum, ownTarget]))
      const [total, target] = [ops.select(both, 0, 0), ops.select(both, 0, 1)]
      return [ops.mean(ops.sub(ops.add(ops.log(total), most), target)), total] as const
    })
    // Its gradient by a logit is the softmax over all classes, less 1 at the target: that of the value above.
    const along = ops.mean(ops.sub(ops.div(ownSum, sum), ownTarget))
    return ops.add(ops.sub(along, along.detach()), value)
  }
}

/**
 * The loss of a configuration, its centres dealt out over the ranks; null where the loss needs all of them in one place.
 * The centres are those that one process would draw from the same random state.
 */
export function shardLoss(
  options: LossOptions,
  { classes, dim }: LossShape,
  group: ProcessGroup,
): ShardedHead | null {
  const { rank, worldSize } = group
  const { start, count } = classesOf({ rank, world: worldSize }, classes)
  if (classes < worldSize)
    throw new TrainError('TRAIN_RANKS', `${worldSize} ranks for ${classes} people: start fewer`)
  const before = getRandomState()
  try {
    const inner = createLoss(options, { classes: count, dim })
    const regularized = Array.isArray(options.regularizers) && options.regularizers.length > 0
    setRandomState(before)
    if (!(inner instanceof UnifiedMargin) || regularized) {
      inner.dispose()
      return null
    }
    drawRows(inner.weight, start * (inner.weight.shape[0]! / count), classes / count)
    return new ShardedHead(group, inner, start)
  } finally {
    before.dispose()
  }
}

/** Fills `rows` with those from `start` on of a matrix `share` times as long, drawn as one. */
function drawRows(rows: Tensor, start: number, share: number): void {
  const [own, dim] = [rows.shape[0]!, rows.shape[1]!]
  const total = Math.round(own * share)
  noGrad(() => {
    for (let from = 0; from < total; from += CHUNK)
      scope(() => {
        const count = Math.min(CHUNK, total - from)
        const drawn = ops.empty([count, dim])
        nn.init.normal(drawn, 0, 0.01)
        const [first, last] = [Math.max(from, start), Math.min(from + count, start + own)]
        if (first < last)
          ops.copy_(
            ops.narrow(rows, 0, first - start, last - first),
            ops.narrow(drawn, 0, first - from, last - first),
          )
      })
  })
}
