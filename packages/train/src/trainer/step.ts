import { type nn, noGrad, ops, optim, scope, type Tensor, tensor } from '@arcface/libtorch'
import type { Config } from '../config/schema.js'
import type { Training } from './build.js'
import { embedBatch, toInput } from './network.js'
import { nonFinitePart } from './non-finite.js'
import { learningRate, momentAt } from './schedule.js'

/** What a step is about: images N x 112 x 112 x 3 (RGB, uint8), and its number of `steps`, from 0. */
export interface StepInput {
  images: Uint8Array
  labels: Int32Array
  step: number
  steps: number
  /** Share of the scheduled learning rate that is used. */
  lrShare?: number
}

export interface StepOutcome {
  loss: number
  lr: number
  marginShare: number
  /** L2 norm of the backbone's gradients before clipping. */
  gradNorm: number
  /** The first part that was NaN or infinite: then weights and statistics are as they were before the step. */
  nonFinite: string | null
}

/** One step of training: forward, backward, clipping, update. */
export function trainStep(
  { loss: lossOptions, optimizer: schedule, train }: Config,
  { backbone, head, optimizer, team }: Training,
  { images, labels, step, steps, lrShare = 1 }: StepInput,
): StepOutcome {
  return scope(() => {
    const lr = lrShare * learningRate(step, steps, schedule)
    const moment = momentAt(step, steps, lossOptions)
    head.schedule(moment)
    optimizer.setLearningRate(lr)
    optimizer.zeroGrad()
    backbone.train()
    head.train()
    const restore = snapshot([backbone, head])
    const input = toInput(images, labels.length, train)
    const target = tensor(BigInt64Array.from(labels, BigInt), [labels.length])
    const embeddings = embedBatch(backbone, input, train)
    const value = head.call(embeddings, target)
    team.backward(value)
    const gradNorm = optim.clipGradNorm(backbone.parameters(), schedule.clipNorm || Infinity)
    const ownNorm = optim.clipGradNorm(head.parameters(), Infinity)
    // All ranks must go the same way.
    const [loss, headNorm] = team.average([value.item(), ownNorm]) as [number, number]
    const outcome = { loss, lr, marginShare: moment.marginShare, gradNorm }
    if ([loss, gradNorm, headNorm].every(Number.isFinite)) {
      optimizer.step()
      return { ...outcome, nonFinite: null }
    }
    const nonFinite = nonFinitePart({ embeddings, loss: value, backbone, head })
    restore()
    return { ...outcome, nonFinite }
  })
}

/** Remembers the running statistics, which a forward pass changes; gives what puts them back. */
function snapshot(modules: readonly nn.Module[]): () => void {
  const buffers = modules.flatMap((module) => [...module.namedBuffers()].map(([, value]) => value))
  const copies = noGrad(() => buffers.map((value): [Tensor, Tensor] => [value, ops.clone(value)]))
  return () => noGrad(() => copies.forEach(([value, copy]) => void ops.copy_(value, copy)))
}
