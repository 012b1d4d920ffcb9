import { manualSeed, nn, noGrad, ops, optim, scope, type Tensor, tensor } from '@arcface/libtorch'
import { shuffle } from '@arcface/vision'
import { createLoss, type Loss, type LossOptions, lossSchema } from '../../losses/index.js'
import { learningRate, momentAt } from '../../step/schedule.js'
import type { NamedLoss } from '../named-loss.js'
import { type Patterns, SIDE } from './patterns.js'

export interface ToyOptions {
  /** Length of the features: 2 (a circle) or 3 (a sphere). */
  dim: 2 | 3
  steps: number
  /** Pictures taken of the training, the untrained network included. */
  frames: number
  seed: number
}

/** Where everything stands after `step` steps. */
export interface ToyFrame {
  step: number
  /** Of every pattern, count x dim, as the network gives them. */
  features: Float32Array
  /** Of every identity, identities x dim; null for a loss without centres. */
  centres: Float32Array | null
}

const BATCH = 64
const HIDDEN = 64
const optimizerSettings = {
  lr: 0.03,
  momentum: 0.9,
  weightDecay: 5e-4,
  warmup: 0.1,
  schedule: 'cosine',
  decayPower: 1,
  decayAll: true,
  clipNorm: 5,
} as const

/** What suits eight identities in so few dimensions, unless the loss says otherwise. */
function withDefaults(loss: LossOptions): LossOptions {
  const known = lossSchema.safeParse(loss)
  const scaled = known.success && typeof known.data.scale === 'number'
  return { marginWarmup: 0.5, ...(scaled && { scale: 16 }), ...loss }
}

/**
 * Trains a small network on patterns under a loss. The same seed and thread count give the same frames.
 * @throws TrainError TRAIN_LOSS
 */
export function trainToy(
  { loss }: NamedLoss,
  { identities, images, labels }: Patterns,
  { dim, steps, frames, seed }: ToyOptions,
): ToyFrame[] {
  manualSeed(seed)
  const count = labels.length
  // The network first: it starts alike under every loss.
  const network = new nn.Sequential(
    new nn.Linear(SIDE * SIDE, HIDDEN),
    new nn.LeakyReLU(0.25),
    new nn.Linear(HIDDEN, HIDDEN),
    new nn.LeakyReLU(0.25),
    // No normalisation behind it: features may grow as long as a loss lets them.
    new nn.Linear(HIDDEN, dim),
  )
  const options = withDefaults(loss)
  const head = createLoss(options, { classes: identities, dim })
  const schedule = lossSchema.parse(options)
  const all = tensor(images, [count, SIDE * SIDE])
  const targets = tensor(BigInt64Array.from(labels, BigInt), [count])
  const optimizer = new optim.SGD(
    [{ params: [...network.namedParameters()] }, { params: [...head.namedParameters()] }],
    optimizerSettings,
  )
  const due = new Set(frameSteps(steps, frames))
  const found: ToyFrame[] = []
  for (let step = 0; step <= steps; step++) {
    if (due.has(step)) found.push({ step, ...look(network, head, all) })
    if (step === steps) break
    scope(() => {
      optimizer.setLearningRate(learningRate(step, steps, optimizerSettings))
      head.schedule(momentAt(step, steps, schedule))
      optimizer.zeroGrad()
      network.train()
      const rows = batchAt(step, count, seed)
      head
        .call(network.call(ops.indexSelect(all, 0, rows)), ops.indexSelect(targets, 0, rows))
        .backward()
      optim.clipGradNorm(network.parameters(), optimizerSettings.clipNorm)
      optimizer.step()
    })
  }
  for (const owner of [network, head, optimizer, all, targets]) owner.dispose()
  return found
}

function batchAt(step: number, count: number, seed: number): Tensor {
  const perEpoch = Math.floor(count / BATCH)
  const order = shuffle(seed, Math.floor(step / perEpoch), count)
  const start = (step % perEpoch) * BATCH
  return tensor(BigInt64Array.from(order.subarray(start, start + BATCH), BigInt), [BATCH])
}

function look(network: nn.Module, head: Loss, all: Tensor): Omit<ToyFrame, 'step'> {
  network.eval()
  return noGrad(() =>
    scope(() => ({
      features: network.call(all).toFloat32Array(),
      centres: head.centres?.toFloat32Array() ?? null,
    })),
  )
}

/** Early steps change most: squares of equal distances. */
export const frameSteps = (steps: number, frames: number): number[] => [
  ...new Set(Array.from({ length: frames }, (_, i) => Math.round(steps * (i / (frames - 1)) ** 2))),
]
