import { ops, type Tensor, tensor, upload } from '@arcface/libtorch'
import { BlockedHead } from '../head/blocked-head.js'
import type { Loss } from '../losses/index.js'
import { angles } from './angles.js'
import type { Training } from './training.js'

/** What of a part of a batch counts for the head: images with a person. */
export interface Counted {
  /** This rank's rows with a label; null: all. */
  rows: readonly number[] | null
  /** What the head's mean over the part counts in the batch. */
  share: number
  /** Images that the angles of this rank are divided by. */
  images: number
}

/**
 * What counts of the parts of a batch. With images of nobody in particular each rank has another number of the others: a
 * head that all ranks have whole gives the mean of a rank's own, which counts by their number, so that the mean over
 * the ranks is that over all images; dealt out centres give the mean over all ranks.
 * @param parts where they begin and end
 * @param isMixed whether the data hold such images; the same on all ranks
 */
export function countedParts(
  parts: readonly (readonly [number, number])[],
  labels: Int32Array,
  isMixed: boolean,
  { head, team }: Training,
): Counted[] {
  if (!isMixed)
    return parts.map(([start, end]) => {
      const images = end - start
      return { rows: null, share: images / labels.length, images }
    })
  const rows = parts.map(([start, end]) =>
    [...labels.subarray(start, end).entries()].flatMap(([row, label]) => (label < 0 ? [] : [row])),
  )
  const means = team.average(rows.map(({ length }) => length))
  const total = means.reduce((sum, one) => sum + one, 0)
  const isDealtOut = head.shard.world > 1
  return rows.map((own, i) => {
    const images = isDealtOut ? means[i]! : own.length
    return { rows: own, share: total === 0 ? 0 : images / total, images }
  })
}

/** int64 [N] on a device. */
export const targets = (labels: ArrayLike<number>, device: string): Tensor =>
  upload(
    tensor(
      BigInt64Array.from(labels, (label) => BigInt(label)),
      [labels.length],
    ),
    device,
  )

/** The head's loss of a part by its share of the batch, and `angles` without that. @param labels int64 [N] */
export function headLoss(
  training: Training,
  embeddings: Tensor,
  labels: Tensor,
  { rows, share, images }: Counted,
): { loss: Tensor; angles: Tensor | null } {
  const { head } = training
  if (share === 0) return { loss: nothing(head, embeddings), angles: null }
  const isDealtOut = head.shard.world > 1
  // Dealt out centres see the images of all ranks, and leave out those that do not count by themselves.
  const all = rows === null || isDealtOut
  const index = all ? null : targets(rows, embeddings.device)
  const seen = index ? ops.indexSelect(embeddings, 0, index) : embeddings
  const target = index ? ops.indexSelect(labels, 0, index) : labels
  const whole = head.call(seen, target)
  return {
    loss: share === 1 ? whole : ops.mul(whole, share),
    angles: angles(training, seen, target, images),
  }
}

/**
 * 0, with a gradient of 0 for every parameter: the Reducer waits for it, and momentum and decay go on as where another
 * rank has images that count. Blocks of classes, which have no gradient as a whole, stay as they are.
 */
function nothing(head: Loss, { device }: Tensor): Tensor {
  const zero = ops.zeros([], 'float32', null, device)
  if (head instanceof BlockedHead) return zero
  return head.parameters().reduce((sum, one) => ops.add(sum, ops.sum(ops.mul(one, 0))), zero)
}
