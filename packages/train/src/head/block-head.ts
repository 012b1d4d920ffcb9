import type { Config } from '../config/schema.js'
import { TrainError } from '../errors.js'
import { type Loss, UnifiedMargin } from '../losses/index.js'
import { BlockedHead } from './blocked-head.js'
import { ShardedHead } from './sharded-head.js'

/** Classes from which on the saved memory is worth computing the cosines twice. */
const MANY = 10_000
/** And on a GPU, where 512 images with this many are half a gigabyte of cosines. */
const MANY_THERE = 250_000
/** Classes at a time on a GPU, which many small kernels would keep waiting. */
const BLOCK_THERE = 32_768

/**
 * The head that goes through its classes in blocks, where the settings want it; else the head as it is.
 * @throws TrainError TRAIN_LOSS where they want it of a loss that cannot
 */
export function blockHead(
  head: Loss,
  { blocked, sample }: Pick<Config['head'], 'blocked' | 'sample'>,
  classes: number,
  { device, precision }: Pick<Config['train'], 'device' | 'precision'>,
): Loss {
  const isHere = device === 'cpu'
  const many = isHere ? MANY : MANY_THERE
  const wanted = blocked ?? (classes >= many || sample < 1)
  const sharded = head instanceof ShardedHead
  const inner = sharded ? head.inner : head
  const able = inner instanceof UnifiedMargin && !inner.isRegularized
  if (wanted && able) {
    const part = sharded ? { group: head.group, start: head.start } : {}
    const block = isHere ? {} : { block: BLOCK_THERE }
    return new BlockedHead(inner, { ...part, ...block, sample, bf16: precision !== 'fp32' })
  }
  if (blocked || sample < 1)
    throw new TrainError(
      'TRAIN_LOSS',
      'head.blocked and head.sample below 1 need a loss with one margin for all (arcface, cosface, sphereface, cm1, cm2, unified, norm-softmax, subcenter-arcface) without regularizers, and head.sample needs blocks: leave head out, or change loss or head.blocked',
    )
  return head
}
