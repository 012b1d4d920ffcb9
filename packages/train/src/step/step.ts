import { type nn, noGrad, ops, optim, scope, type Tensor, tensor } from '@arcface/libtorch'
import type { Config } from '../config/schema.js'
import { embedBatch, toInput } from '../network/embed.js'
import { StepClock } from './clock.js'
import { trainExcept } from './freeze.js'
import { nonFinitePart } from './non-finite.js'
import type { StepOutcome } from './outcome.js'
import { learningRate, momentAt } from './schedule.js'
import { targetAngle } from './target-angle.js'
import type { Training } from './training.js'

/** What a step is about: images N x 112 x 112 x 3 (RGB, uint8), and its number of `steps`, from 0. */
export interface StepInput {
  images: Uint8Array
  labels: Int32Array
  step: number
  steps: number
  /** Share of the scheduled learning rate that is used. */
  lrShare?: number
  /** Learns how long each part took. */
  clock?: StepClock
}

/** One step of training: forward, backward, clipping, update. */
export function trainStep(
  config: Config,
  training: Training,
  { images, labels, step, steps, lrShare = 1, clock = new StepClock() }: StepInput,
): StepOutcome {
  const { loss: lossOptions, model, optimizer: schedule, train } = config
  const { backbone, head, optimizer, average, team } = training
  return scope(() => {
    const lr = lrShare * learningRate(step, steps, schedule)
    const moment = momentAt(step, steps, lossOptions)
    head.schedule(moment)
    optimizer.setLearningRate(lr)
    optimizer.zeroGrad()
    trainExcept(backbone, model.freeze)
    head.train()
    head.begin(targets(labels))
    const restore = snapshot([backbone, head])
    const parts = partsOf(labels.length, train.microBatch).map(([start, end]) =>
      forwardBackward(
        config,
        training,
        images.subarray(start * PIXELS),
        labels.subarray(start, end),
        labels.length,
        clock,
      ),
    )
    const sum = parts.reduce((total, { part }) => total + part, 0)
    const ownAngle = parts.reduce((total, { angle }) => total + angle, 0)
    const gradNorm = optim.gradNorm(backbone.parameters())
    const ownNorm = head.gradNorm()
    // All ranks must go the same way.
    const means = team.average([sum, (ownNorm ?? 0) ** 2, ownAngle]) as [number, number, number]
    const [loss, square, angle] = means
    const headNorm = Math.sqrt(square * head.shard.world)
    const outcome = {
      ...{ loss, lr, marginShare: moment.marginShare, gradNorm },
      headGradNorm: ownNorm === null ? null : headNorm,
      targetAngle: head.centres && angle,
    }
    if ([loss, gradNorm, headNorm].every(Number.isFinite)) {
      const scale = optim.clipScale(gradNorm, schedule.clipNorm || Infinity)
      optimizer.step((name) => (name.startsWith('backbone.') ? scale : 1))
      head.descend(optimizer, 'head.weight')
      average?.update(backbone, step + 1)
      return { ...outcome, nonFinite: null }
    }
    const wrong = parts.find(({ part }) => !Number.isFinite(part)) ?? parts[0]!
    const nonFinite = nonFinitePart({ ...wrong, backbone, head })
    restore()
    return { ...outcome, nonFinite }
  })
}

const PIXELS = 112 * 112 * 3

const targets = (labels: Int32Array): Tensor =>
  tensor(BigInt64Array.from(labels, BigInt), [labels.length])

/** Where the parts of a batch begin and end: as many as needed, as even as possible. */
function partsOf(images: number, most: number): [number, number][] {
  const count = most > 0 ? Math.ceil(images / most) : 1
  const at = (part: number) => Math.round((images * part) / count)
  return Array.from({ length: count }, (_, part) => [at(part), at(part + 1)])
}

interface Part {
  embeddings: Tensor
  loss: Tensor
  /** What it adds to the loss of the batch, and to its angle. */
  part: number
  angle: number
}

/** Adds the gradients of a part of the batch, by its share of the `batch` images, to those of the parts before. */
function forwardBackward(
  { train }: Config,
  training: Training,
  images: Uint8Array,
  labels: Int32Array,
  batch: number,
  clock: StepClock,
): Part {
  const { backbone, head, team } = training
  return scope(() => {
    const input = toInput(images, labels.length, train)
    const embeddings = embedBatch(backbone, input, train)
    clock.mark('forward')
    const share = labels.length / batch
    const target = targets(labels)
    const whole = head.call(embeddings, target)
    const loss = share === 1 ? whole : ops.mul(whole, share)
    const angle = targetAngle(training, embeddings, target)
    clock.mark('head')
    team.backward(loss)
    const done = { part: loss.item(), angle: share * (angle?.item() ?? 0) }
    clock.mark('backward')
    return { embeddings, loss, ...done }
  })
}

/** Remembers the running statistics, which a forward pass changes; gives what puts them back. */
function snapshot(modules: readonly nn.Module[]): () => void {
  const buffers = modules.flatMap((module) => [...module.namedBuffers()].map(([, value]) => value))
  const copies = noGrad(() => buffers.map((value): [Tensor, Tensor] => [value, ops.clone(value)]))
  return () => noGrad(() => copies.forEach(([value, copy]) => void ops.copy_(value, copy)))
}
