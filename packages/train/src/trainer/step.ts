import { optim, scope, tensor } from '@arcface/libtorch'
import type { Config } from '../config/schema.js'
import { TrainError } from '../errors.js'
import type { Training } from './build.js'
import { embedBatch, toInput } from './network.js'
import { learningRate, momentAt } from './schedule.js'

/**
 * One step of training: forward, backward, clipping, update. `images` is N x 112 x 112 x 3 (RGB, uint8); `step` counts
 * from 0 and decides learning rate and margin.
 * @throws TrainError TRAIN_NON_FINITE before the weights are touched
 */
export function trainStep(
  { loss, optimizer: schedule, train }: Config,
  { backbone, head, optimizer }: Training,
  images: Uint8Array,
  labels: Int32Array,
  step: number,
  steps: number,
): { loss: number; lr: number; marginShare: number; gradNorm: number } {
  return scope(() => {
    const lr = learningRate(step, steps, schedule)
    const moment = momentAt(step, steps, loss)
    head.schedule(moment)
    optimizer.setLearningRate(lr)
    optimizer.zeroGrad()
    backbone.train()
    const input = toInput(images, labels.length, train)
    const target = tensor(BigInt64Array.from(labels, BigInt), [labels.length])
    const value = head.call(embedBatch(backbone, input, train), target)
    value.backward()
    const gradNorm = optim.clipGradNorm(backbone.parameters(), schedule.clipNorm || Infinity)
    const result = { loss: value.item(), lr, marginShare: moment.marginShare, gradNorm }
    if (!Number.isFinite(result.loss) || !Number.isFinite(gradNorm))
      throw new TrainError(
        'TRAIN_NON_FINITE',
        `step ${step + 1}: the loss is ${result.loss}, the norm of the gradients ${gradNorm}. Lower optimizer.lr or lengthen optimizer.warmup, then resume from the last checkpoint.`,
      )
    optimizer.step()
    return result
  })
}
