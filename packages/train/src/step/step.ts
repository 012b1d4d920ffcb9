import { keep, type nn, noGrad, ops, scope, type Tensor } from '@arcface/libtorch'
import type { Config } from '../config/schema.js'
import { bytesOf, embedBatch, inputOf } from '../network/embed.js'
import { StepClock } from './clock.js'
import { type Counted, countedParts, headLoss, targets } from './counted.js'
import { asRow, type Computed, endHere, endThere, nothing, outcomeOf, type Part } from './end.js'
import { trainExcept } from './freeze.js'
import type { StepOutcome } from './outcome.js'
import type { Inputs } from './recorder.js'
import { learningRate, momentAt } from './schedule.js'
import type { Training } from './training.js'

/** A batch: images N x 112 x 112 x 3 (RGB, uint8). */
interface Images {
  images: Uint8Array
  /** Below 0 of nobody in particular. */
  labels: Int32Array
  /** Places in the data, and 1 for what is mirrored: for a teacher whose embeddings are known. */
  indices: Int32Array
  mirrored: Uint8Array
}

/** What a step is about: a batch, and its number of `steps`, from 0. */
export interface StepInput
  extends Pick<Images, 'images' | 'labels'>,
    Partial<Pick<Images, 'indices' | 'mirrored'>> {
  step: number
  steps: number
  /** Share of the scheduled learning rate that is used. */
  lrShare?: number
  /** Learns how long each part took. */
  clock?: StepClock
}

/** One step of training: forward, backward, clipping, update. */
export const trainStep = (config: Config, training: Training, input: StepInput): StepOutcome =>
  launchStep(config, training, input)()

/**
 * `trainStep` for a device that works behind the program's back: what it returns waits for the step and says what came of
 * it, once. Until then others may be launched. On the CPU the step is done when it returns.
 */
export function launchStep(
  config: Config,
  training: Training,
  { step, steps, lrShare = 1, clock = new StepClock(), ...given }: StepInput,
): () => StepOutcome {
  const { data, loss: lossOptions, model, optimizer: schedule, train } = config
  const batch = { indices: new Int32Array(), mirrored: new Uint8Array(), ...given }
  const { backbone, head, optimizer, average, recorder } = training
  const { device } = train
  return scope(() => {
    const lr = lrShare * learningRate(step, steps, schedule)
    const moment = momentAt(step, steps, lossOptions)
    head.schedule(moment)
    optimizer.setLearningRate(lr)
    trainExcept(backbone, model.freeze)
    head.train()
    const count = batch.labels.length
    const places = partsOf(count, train.microBatch)
    const counted = countedParts(places, batch.labels, data.unlabelled.length > 0, training)
    const inputs = {
      images: bytesOf(batch.images, count, train),
      labels: targets(batch.labels, device),
      lr: ops.full([1], lr, 'float32', null, device),
    }
    const compute = ({ images, labels }: Inputs): Computed => {
      optimizer.zeroGrad()
      head.begin(labels)
      const restore = snapshot([backbone, head])
      const parts = places.map(([start, end], i) => {
        const rows = (of: Tensor) => ops.narrow(of, 0, start, end - start)
        const part = { images: rows(images), labels: rows(labels), ...cut(batch, start, end) }
        const share = (end - start) / count
        return forwardBackward(config, training, part, counted[i]!, share, clock)
      })
      return { parts, restore, lr: inputs.lr }
    }
    const told = { lr, marginShare: moment.marginShare }
    if (device === 'cpu' && training.scale === null)
      return endHere(config, training, compute(inputs), step, told)
    const work = (all: Inputs) => endThere(config, training, { ...compute(all), lr: all.lr })
    const { marginShare, scale } = moment
    const key = [count, marginShare, scale].join()
    const seen = keep(recorder ? recorder.run(key, inputs, work) : work(inputs))
    average?.update(backbone, step + 1)
    return () => outcomeOf(config, training, seen, told)
  })
}

/** Where the parts of a batch begin and end: as many as needed, as even as possible. */
function partsOf(images: number, most: number): [number, number][] {
  const count = most > 0 ? Math.ceil(images / most) : 1
  const at = (part: number) => Math.round((images * part) / count)
  return Array.from({ length: count }, (_, part) => [at(part), at(part + 1)])
}

/** What is known on the host of a part of a batch. */
const cut = (
  { indices, mirrored }: Pick<Images, 'indices' | 'mirrored'>,
  start: number,
  end: number,
) => ({ indices: indices.subarray(start, end), mirrored: mirrored.subarray(start, end) })

/** Adds the gradients of a part of the batch, by its `share` of the images, to those of the parts before. */
function forwardBackward(
  { train }: Config,
  training: Training,
  { images, labels, indices, mirrored }: Pick<Inputs, 'images' | 'labels'> & ReturnType<typeof cut>,
  counted: Counted,
  share: number,
  clock: StepClock,
): Part {
  const { backbone, distillation, scale, team } = training
  return scope(() => {
    const input = inputOf(images, train)
    const embeddings = embedBatch(backbone, input, train)
    clock.mark('forward')
    const { loss: own, angles } = headLoss(training, embeddings, labels, counted)
    const taught = distillation?.compare(embeddings, { indices, mirrored, input }) ?? null
    const loss = taught ? ops.add(own, ops.mul(taught.loss, taught.weight * share)) : own
    clock.mark('head')
    team.backward(scale ? ops.reshape(ops.mul(loss, scale.value), []) : loss)
    const figures = [
      asRow(loss),
      angles ? ops.mul(asRow(angles), counted.share) : nothing(2, embeddings),
      ...(taught
        ? [
            asRow(own),
            ops.mul(asRow(taught.loss), share),
            taught.cosine ? ops.mul(asRow(taught.cosine), share) : nothing(1, embeddings),
          ]
        : []),
    ]
    const isComparable = taught !== null && taught.cosine !== null
    const part = { embeddings, loss, figures: ops.cat(figures), isComparable }
    clock.mark('backward')
    return part
  })
}

/**
 * Remembers the running statistics, which a forward pass changes; gives what puts them back: now, or where `skip`, a
 * tensor of one value, is 1.
 */
function snapshot(modules: readonly nn.Module[]): Computed['restore'] {
  const buffers = modules.flatMap((module) => [...module.namedBuffers()].map(([, value]) => value))
  const copies = noGrad(() => buffers.map((value): [Tensor, Tensor] => [value, ops.clone(value)]))
  return (skip = null) =>
    noGrad(() => {
      const isSkipped = skip && ops.reshape(ops.gt(skip, 0), [])
      for (const [value, copy] of copies)
        ops.copy_(value, isSkipped ? ops.where(isSkipped, copy, value) : copy)
    })
}
