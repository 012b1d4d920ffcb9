import type { FolderDataset } from '@arcface/data'
import { goodImages } from '@arcface/evaluate/run'
import { noGrad, scope, type Tensor } from '@arcface/libtorch'
import type { Config } from '../config/schema.js'
import { toInput } from '../network/embed.js'
import type { Training } from '../step/training.js'
import type { TrainEvents } from './events.js'

/** A look at images before the first step. */
export interface Pass {
  /** What `onPass` is told that it is for. */
  what: string
  /** The images of this rank. */
  samples: FolderDataset['samples']
  /** Images at a time. */
  batch: number
  /** Sees those of `rows`, as the network takes them, [N, 3, 112, 112]; without gradients, in a scope. */
  see: (input: Tensor, rows: readonly number[]) => void
}

/**
 * Shows images as they are on the disk, without those that cannot be decoded, to a network in eval mode.
 * @returns false if any rank was aborted; the same on all ranks
 */
export async function passOver(
  { what, samples, batch, see }: Pass,
  { backbone, team }: Pick<Training, 'backbone' | 'team'>,
  train: Config['train'],
  { onPass, signal }: Pick<TrainEvents, 'onPass' | 'signal'>,
): Promise<boolean> {
  backbone.eval()
  for await (const { rows, pixels, done } of goodImages(samples, batch)) {
    if (signal?.aborted) break
    if (rows.length > 0) noGrad(() => scope(() => see(toInput(pixels, rows.length, train), rows)))
    onPass?.(what, done, samples.length)
  }
  return !team.any(signal?.aborted ?? false)
}
