import type { FilesErrorCode } from '@arcface/files'
import { IMAGE_BYTES } from '@arcface/vision'
import type { AugmentOptions } from '../augment/options.js'
import type { DataErrorCode } from '../errors.js'
import type { PackedImages } from '../images/packed.js'
import type { SamplerOptions } from './sampler.js'
import type { Shard } from './shard.js'

/**
 * The memory that the main thread and the workers share, and what they say to each other.
 *
 * Batches go round a ring of slots: step k lies in slot k mod slots. A worker claims the next step by an atomic
 * increment and fills its slot as soon as the consumer has released step k - slots, so that no word from the main
 * thread is needed within an epoch: it may compute for a second while the ring fills.
 */
export interface Ring {
  slots: number
  /** Int32: [NEXT, RELEASED], then one a slot: step + 1 when it holds that step, -(step + 1) when it failed. */
  control: SharedArrayBuffer
  images: SharedArrayBuffer
  labels: SharedArrayBuffer
  indices: SharedArrayBuffer
  /** One byte an image: 1 where it is shown as its mirror image. */
  mirrored: SharedArrayBuffer
  /** One a sample: UNKNOWN, CACHED or BAD. */
  states: SharedArrayBuffer
  /** IMAGE_BYTES a sample, or null where the data set is larger than the allowance. */
  cache: SharedArrayBuffer | null
}

/** Index in `control`: the next step that nobody works on. */
export const NEXT = 0
/** Index in `control`: how many steps the consumer has done with. Workers wait on it. */
export const RELEASED = 1
/** Index in `control` of the first slot's state. */
export const FILLED = 2

export const CACHED = 1
export const BAD = 2

/** Everything a worker knows from the start. */
export interface WorkerJob {
  ring: Ring
  images: PackedImages
  labels: Int32Array
  batchSize: number
  shard: Shard
  sampler: SamplerOptions | null
  seed: number
  augment: AugmentOptions
  onBadImage: 'skip' | 'fail'
}

export type ToWorker = { kind: 'run'; epoch: number; steps: number } | { kind: 'close' }

export type FromWorker =
  | { kind: 'ready' }
  | { kind: 'idle' }
  | { kind: 'bad'; index: number; message: string }
  | {
      kind: 'failed'
      step: number
      code: DataErrorCode | FilesErrorCode
      message: string
      hint: string | undefined
    }

export function createRing(
  slots: number,
  batchSize: number,
  samples: number,
  cacheBytes: number,
): Ring {
  const cached = samples * IMAGE_BYTES
  return {
    slots,
    control: new SharedArrayBuffer(4 * (FILLED + slots)),
    images: new SharedArrayBuffer(slots * batchSize * IMAGE_BYTES),
    labels: new SharedArrayBuffer(slots * batchSize * 4),
    indices: new SharedArrayBuffer(slots * batchSize * 4),
    mirrored: new SharedArrayBuffer(slots * batchSize),
    states: new SharedArrayBuffer(samples),
    cache: cached <= cacheBytes ? new SharedArrayBuffer(cached) : null,
  }
}
