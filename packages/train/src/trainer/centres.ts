import type { FolderDataset } from '@arcface/data'
import { noGrad, ops, scope, type Tensor, tensor } from '@arcface/libtorch'
import type { Config } from '../config/schema.js'
import { directions, lengthsOf } from '../losses/cosines.js'
import { classesOf } from '../losses/shard.js'
import { embedBatch } from '../network/embed.js'
import type { Training } from '../step/training.js'
import type { TrainEvents } from './events.js'
import { passOver } from './pass.js'

const BATCH = 64
/** Classes that are put in place at a time. */
const CHUNK = 4096
/**
 * How far sub-centers lie from the mean, as a share of its length: at one point the first of them would have all images,
 * for good. The nearest of several at this distance is by chance another for each image, as of those that are drawn.
 */
const APART = 0.1

/**
 * `head.init: means`: every centre takes the direction of its person's mean embedding (of unit embeddings; eval mode,
 * images as they are). It keeps the length that it was drawn with, for the step of a centre's direction goes with the
 * learning rate over the square of its length: the rate means what it means with random centres. Those of the
 * softmax loss, too. A person without an image that can be read keeps the centre that was drawn.
 *
 * Of dealt out centres each rank looks at the images of its own people; else the ranks share the images.
 * @returns false if it was aborted: then the centres are as they were
 */
export async function beginAtMeans(
  training: Training,
  { train }: Config,
  { samples }: Pick<FolderDataset, 'samples'>,
  events: Pick<TrainEvents, 'onPass' | 'signal'>,
): Promise<boolean> {
  const { backbone, head, team, classes } = training
  const weight = head.centres!
  const { start, count } = classesOf(head.shard, classes)
  const isOwn =
    head.shard.world > 1
      ? ({ label }: { label: number }) => label >= start && label < start + count
      : (_: unknown, i: number) => i % team.world === team.rank
  const own = samples.filter(({ label }) => label >= 0).filter(isOwn)
  using sums = noGrad(() => ops.zeros([count, weight.shape[1]!], 'float32', null, weight.device))
  const see = (input: Tensor, rows: readonly number[]) => {
    const labels = BigInt64Array.from(rows, (row) => BigInt(own[row]!.label - start))
    const found = embedBatch(backbone, input, train)
    const where = ops.to(tensor(labels), weight.device, 'int64')
    ops.indexAdd_(sums, 0, where, directions(found, 'float32'))
  }
  const pass = { what: 'centres', samples: own, batch: BATCH, see }
  if (!(await passOver(pass, training, train, events))) return false
  if (head.shard.world === 1) team.sum_(sums)
  for (let from = 0; from < count; from += CHUNK)
    putInPlace(weight, sums, from, Math.min(CHUNK, count - from))
  return true
}

/** Turns the centres of `count` classes from `from` on into the directions of their sums. */
function putInPlace(weight: Tensor, sums: Tensor, from: number, count: number): void {
  noGrad(() =>
    scope(() => {
      const [classes, dim] = sums.shape as [number, number]
      const perClass = weight.shape[0]! / classes
      const drawn = ops.narrow(weight, 0, from * perClass, count * perClass)
      const means = directions(ops.narrow(sums, 0, from, count), 'float32')
      const known = ops.gt(lengthsOf(means, 'float32'), 0.5)
      const each = (of: Tensor, width: number) =>
        ops.reshape(ops.expand(ops.unsqueeze(of, 1), [-1, perClass, -1]), [-1, width])
      const apart =
        perClass === 1 ? 0 : ops.mul(ops.reshape(directions(drawn, 'float32'), [-1, dim]), APART)
      const turned = directions(ops.add(each(means, dim), apart), 'float32')
      const placed = ops.mul(turned, lengthsOf(drawn, 'float32'))
      ops.copy_(drawn, ops.where(each(known, 1), placed, drawn))
    }),
  )
}
