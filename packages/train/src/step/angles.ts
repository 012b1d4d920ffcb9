import { noGrad, ops, scope, type Tensor } from '@arcface/libtorch'
import { BlockedHead } from '../head/blocked-head.js'
import { gatherLabelled } from '../head/gather.js'
import { ShardedHead } from '../head/sharded-head.js'
import { cosines, directions } from '../losses/cosines.js'
import { classesOf } from '../losses/shard.js'
import type { Training } from './training.js'

/**
 * Mean angles in radians, [2], between raw embeddings [N, D] and the centres of their own classes (the nearest of
 * several), and the nearest centre of another class, without margin; null for a loss without centres. Where the centres
 * are dealt out over the ranks each gives its part: the mean over the ranks is the mean over all images. Labels below 0
 * name no class, and count nothing.
 *
 * The head that goes through its classes in blocks is asked behind its `forward`, which found the nearest on its way:
 * of the classes that the step compares with, and without those that its filter leaves out.
 *
 * @param images what the sums are divided by: those with a class, of dealt out centres a rank's share of them
 */
export function angles(
  { head, classes }: Training,
  embeddings: Tensor,
  labels: Tensor,
  images = labels.size,
): Tensor | null {
  const { centres, shard } = head
  if (centres === null) return null
  return noGrad(() =>
    scope(() => {
      const { start, count } = classesOf(shard, classes)
      const dealtOut =
        head instanceof ShardedHead || head instanceof BlockedHead ? head.group : null
      const [all, given] = dealtOut
        ? gatherLabelled(dealtOut, embeddings.detach(), labels)
        : [embeddings.detach(), labels]
      const own = ops.sub(given, start)
      const mine = ops.logicalAnd(ops.ge(own, 0), ops.lt(own, count))
      const column = ops.clamp(own, 0, count - 1)
      const target = ownCosine(ops.reshape(centres.detach(), [count, -1]), all, column)
      const other =
        head instanceof BlockedHead
          ? head.otherCosine!
          : otherCosine(centres.detach(), all, { mine, column, count })
      if (head instanceof ShardedHead) head.group.allReduce(other, 'max')
      const angle = ops.acos(ops.clamp(ops.stack([target, other]), -1, 1))
      const sums = ops.sumDim(ops.where(mine, angle, ops.zerosLike(angle)), [1])
      return ops.div(sums, images)
    }),
  )
}

/** Cosines [N] with the nearest centre of the class. @param byClass [classes, K x D] */
function ownCosine(byClass: Tensor, embeddings: Tensor, column: Tensor): Tensor {
  const [n, dim] = embeddings.shape as [number, number]
  const rows = ops.reshape(ops.indexSelect(byClass, 0, column), [-1, dim])
  const units = ops.reshape(directions(rows, 'float32'), [n, -1, dim])
  const products = ops.mul(units, ops.unsqueeze(directions(embeddings, 'float32'), 1))
  return ops.maxDim(ops.sumDim(products, [2]), 1)[0]
}

/** Cosines [N] with the nearest centre of another class; below -1 where there is none. */
function otherCosine(
  centres: Tensor,
  embeddings: Tensor,
  { mine, column, count }: { mine: Tensor; column: Tensor; count: number },
): Tensor {
  const each = ops.reshape(cosines(embeddings, centres), [embeddings.shape[0]!, count, -1])
  const all = each.shape[2] === 1 ? ops.squeeze(each, 2) : ops.maxDim(each, 2)[0]
  const others = ops.scatterValue(all, 1, ops.unsqueeze(column, 1), -2)
  return ops.maxDim(ops.where(ops.unsqueeze(mine, 1), others, all), 1)[0]
}
