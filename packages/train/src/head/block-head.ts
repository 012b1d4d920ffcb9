import type { Config } from '../config/schema.js'
import { TrainError } from '../errors.js'
import { type Loss, UnifiedMargin } from '../losses/index.js'
import { BlockedHead } from './blocked-head.js'
import { ShardedHead } from './sharded-head.js'

/** Classes from which on the saved memory is worth computing the cosines twice. */
const MANY = 10_000

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
  const wanted = blocked ?? (classes >= MANY || sample < 1)
  const sharded = head instanceof ShardedHead
  const inner = sharded ? head.inner : head
  const able = inner instanceof UnifiedMargin && !inner.isRegularized && device === 'cpu'
  if (wanted && able) {
    const part = sharded ? { group: head.group, start: head.start } : {}
    return new BlockedHead(inner, { ...part, sample, bf16: precision === 'bf16' })
  }
  if (blocked || sample < 1)
    throw new TrainError(
      'TRAIN_LOSS',
      'head.blocked and head.sample below 1 need a loss with one margin for all (arcface, cosface, sphereface, cm1, cm2, unified, norm-softmax, subcenter-arcface) without regularizers, on the CPU, and head.sample needs blocks: leave head out, or change loss, train.device or head.blocked',
    )
  return head
}
