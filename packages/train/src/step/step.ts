import { type nn, noGrad, ops, optim, scope, type Tensor } from '@arcface/libtorch'
import type { Config } from '../config/schema.js'
import { embedBatch, toInput } from '../network/embed.js'
import type { DistillFigures } from '../run/metrics.js'
import { StepClock } from './clock.js'
import { type Counted, countedParts, headLoss, targets } from './counted.js'
import { trainExcept } from './freeze.js'
import { nonFinitePart } from './non-finite.js'
import type { StepOutcome } from './outcome.js'
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
export function trainStep(
  config: Config,
  training: Training,
  { step, steps, lrShare = 1, clock = new StepClock(), ...given }: StepInput,
): StepOutcome {
  const { data, loss: lossOptions, model, optimizer: schedule, train } = config
  const batch = { indices: new Int32Array(), mirrored: new Uint8Array(), ...given }
  const { labels } = batch
  const { backbone, head, distillation, optimizer, average, team } = training
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
    const places = partsOf(labels.length, train.microBatch)
    const counted = countedParts(places, labels, data.unlabelled.length > 0, training)
    const parts = places.map(([start, end], i) => {
      const share = (end - start) / labels.length
      return forwardBackward(config, training, cut(batch, start, end), counted[i]!, share, clock)
    })
    const sumOf = (value: (part: Part) => number) =>
      parts.reduce((total, part) => total + value(part), 0)
    const gradNorm = optim.gradNorm(backbone.parameters())
    const ownNorm = head.gradNorm()
    const taught = distillation
      ? taughtKeys.map((key) => sumOf(({ distilled }) => distilled?.[key] ?? 0))
      : []
    // All ranks must go the same way.
    const [loss, square, targetAngle, otherAngle, ...taughtMeans] = team.average([
      sumOf(({ part }) => part),
      (ownNorm ?? 0) ** 2,
      sumOf(({ angles }) => angles[0]),
      sumOf(({ angles }) => angles[1]),
      ...taught,
    ]) as [number, number, number, number, ...number[]]
    const headNorm = Math.sqrt(square * head.shard.world)
    const outcome = {
      ...{ loss, lr, marginShare: moment.marginShare, gradNorm },
      headGradNorm: ownNorm === null ? null : headNorm,
      targetAngle: head.centres && targetAngle,
      otherAngle: head.centres && otherAngle,
      ...(distillation && distillFigures(taughtMeans, lossOptions.name, parts[0]!)),
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

/** Where the parts of a batch begin and end: as many as needed, as even as possible. */
function partsOf(images: number, most: number): [number, number][] {
  const count = most > 0 ? Math.ceil(images / most) : 1
  const at = (part: number) => Math.round((images * part) / count)
  return Array.from({ length: count }, (_, part) => [at(part), at(part + 1)])
}

/** A part of a batch. */
const cut = (
  { images, labels, indices, mirrored }: Images,
  start: number,
  end: number,
): Images => ({
  images: images.subarray(start * PIXELS, end * PIXELS),
  labels: labels.subarray(start, end),
  indices: indices.subarray(start, end),
  mirrored: mirrored.subarray(start, end),
})

interface Part {
  embeddings: Tensor
  loss: Tensor
  /** What it adds to the loss of the batch, to its angles (own centre, nearest other), and to what is known of a distillation. */
  part: number
  angles: readonly [number, number]
  distilled: Distilled | null
}

/** What a part adds to the figures of a distillation. */
interface Distilled {
  own: number
  loss: number
  /** Null where the teacher's embeddings have another length. */
  cosine: number | null
}
const taughtKeys = ['own', 'loss', 'cosine'] as const

const distillFigures = (
  [own, loss, cosine]: readonly number[],
  name: string,
  { distilled }: Part,
): DistillFigures => ({
  marginLoss: name === 'none' ? null : own!,
  distillLoss: loss!,
  teacherCosine: distilled!.cosine === null ? null : cosine!,
})

/** Adds the gradients of a part of the batch, by its `share` of the images, to those of the parts before. */
function forwardBackward(
  { train }: Config,
  training: Training,
  { images, labels, indices, mirrored }: Images,
  counted: Counted,
  share: number,
  clock: StepClock,
): Part {
  const { backbone, distillation, team } = training
  return scope(() => {
    const input = toInput(images, labels.length, train)
    const embeddings = embedBatch(backbone, input, train)
    clock.mark('forward')
    const { loss: own, angles } = headLoss(training, embeddings, labels, counted)
    const taught = distillation?.compare(embeddings, { indices, mirrored, input }) ?? null
    const loss = taught ? ops.add(own, ops.mul(taught.loss, taught.weight * share)) : own
    clock.mark('head')
    team.backward(loss)
    const done = {
      part: loss.item(),
      angles: shared(angles, counted.share),
      distilled: taught && {
        own: own.item(),
        loss: share * taught.loss.item(),
        cosine: taught.cosine && share * taught.cosine.item(),
      },
    }
    clock.mark('backward')
    return { embeddings, loss, ...done }
  })
}

/** Two means by their share of the batch. */
function shared(angles: Tensor | null, share: number): [number, number] {
  const [own, other] = angles?.toFloat32Array() ?? [0, 0]
  return [share * own!, share * other!]
}

/** Remembers the running statistics, which a forward pass changes; gives what puts them back. */
function snapshot(modules: readonly nn.Module[]): () => void {
  const buffers = modules.flatMap((module) => [...module.namedBuffers()].map(([, value]) => value))
  const copies = noGrad(() => buffers.map((value): [Tensor, Tensor] => [value, ops.clone(value)]))
  return () => noGrad(() => copies.forEach(([value, copy]) => void ops.copy_(value, copy)))
}
