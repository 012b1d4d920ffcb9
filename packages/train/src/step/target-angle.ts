import { noGrad, ops, scope, type Tensor } from '@arcface/libtorch'
import { directions } from '../losses/cosines.js'
import { classesOf } from '../losses/shard.js'
import type { Training } from './training.js'

/**
 * Mean angle in radians between raw embeddings [N, D] and the centres of their classes (the nearest of several),
 * without margin; null for a loss without centres. Where the centres are dealt out over the ranks each gives its part:
 * the mean over the ranks is the mean over all images. Labels below 0 name no class, and count nothing.
 *
 * @param images what the sum of the angles is divided by: those with a class, of dealt out centres a rank's share of them
 */
export function targetAngle(
  { head, team, classes }: Training,
  embeddings: Tensor,
  labels: Tensor,
  images = labels.size,
): Tensor | null {
  const { centres, shard } = head
  if (centres === null) return null
  return noGrad(() =>
    scope(() => {
      const { start, count } = classesOf(shard, classes)
      const [all, own] =
        shard.world === 1
          ? [embeddings.detach(), labels]
          : [team.gather(embeddings), ops.sub(team.gather(labels), start)]
      const mine = ops.logicalAnd(ops.ge(own, 0), ops.lt(own, count))
      const rows = ops.indexSelect(
        ops.reshape(centres.detach(), [count, -1]),
        0,
        ops.clamp(own, 0, count - 1),
      )
      const dim = all.shape[1]!
      const units = directions(ops.reshape(rows, [-1, dim]), 'float32')
      const byCentre = ops.reshape(units, [all.shape[0]!, -1, dim])
      const products = ops.mul(byCentre, ops.unsqueeze(directions(all, 'float32'), 1))
      const [cosine] = ops.maxDim(ops.sumDim(products, [2]), 1)
      const angle = ops.acos(ops.clamp(cosine, -1, 1))
      const sum = ops.sum(ops.where(mine, angle, ops.zerosLike(angle)))
      return ops.div(sum, images)
    }),
  )
}
