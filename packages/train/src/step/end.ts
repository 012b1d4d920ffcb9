import { ops, optim, type Tensor } from '@arcface/libtorch'
import type { Config } from '../config/schema.js'
import { BlockedHead } from '../head/blocked-head.js'
import type { DistillFigures } from '../run/metrics.js'
import { nonFinitePart } from './non-finite.js'
import type { StepOutcome } from './outcome.js'
import type { Training } from './training.js'

/** A part of a batch whose gradients were added. */
export interface Part {
  embeddings: Tensor
  loss: Tensor
  /**
   * What it adds to the figures of the batch, float64: loss, angles to the own centre and to the nearest other, and of a
   * distillation the head's loss, its own and the mean cosine.
   */
  figures: Tensor
  /** Whether that cosine is one: the teacher's embeddings have the student's length. */
  isComparable: boolean
}

/** A step whose gradients are there. */
export interface Computed {
  parts: readonly Part[]
  /** Puts the running statistics back: now, or where a tensor of one value is 1. */
  restore: (skip?: Tensor | null) => void
  /** Learning rate, float32 [1]. */
  lr: Tensor
}

/** What is known of a step before it runs. */
type Told = Pick<StepOutcome, 'lr' | 'marginShare'>

/** Values as one row of float64, without a graph. */
export const asRow = (value: Tensor): Tensor =>
  ops.reshape(ops.toDtype(value.detach(), 'float64'), [-1])
export const nothing = (count: number, { device }: Tensor): Tensor =>
  ops.zeros([count], 'float64', null, device)
const one = ({ device }: Tensor): Tensor => ops.ones([1], 'float64', null, device)

/** Means over the ranks, which must all go the same way: the parts' figures, and the square of the head's norm. */
function figuresOf({ head, team }: Training, parts: readonly Part[]): Tensor {
  const sums = parts.map(({ figures }) => figures).reduce((sum, one) => ops.add(sum, one))
  const norm = head.gradNorm()
  const square = norm ? ops.pow(asRow(norm), 2) : nothing(1, sums)
  return team.mean(ops.cat([sums, square]))
}

/** The update by values that are waited for: on the CPU they are there. */
export function endHere(
  config: Config,
  training: Training,
  { parts, restore }: Computed,
  step: number,
  told: Told,
): () => StepOutcome {
  const { backbone, head, optimizer, average } = training
  const gradNorm = optim.gradNorm(backbone.parameters())
  const values = Array.from(figuresOf(training, parts).toTypedArray(), Number)
  const figures = named(config, training, values, gradNorm, parts[0]!.isComparable)
  if ([figures.loss, gradNorm, values.at(-1)!].every(Number.isFinite)) {
    const scale = optim.clipScale(gradNorm, config.optimizer.clipNorm || Infinity)
    optimizer.step((name) => (name.startsWith('backbone.') ? scale : 1))
    head.descend(optimizer, 'head.weight')
    average?.update(backbone, step + 1)
    return () => ({ ...told, ...figures, nonFinite: null })
  }
  const isWrong = ({ figures }: Part) => !Number.isFinite(Number(figures.toTypedArray()[0]))
  const nonFinite = nonFinitePart({ ...(parts.find(isWrong) ?? parts[0]!), backbone, head })
  restore()
  return () => ({ ...told, ...figures, nonFinite })
}

/**
 * The update that waits for nothing: whether it happens is decided on the device. Gives what `outcomeOf` reads.
 * A step of float16 whose gradients overflow is one that does not happen.
 */
export function endThere(
  { optimizer: { clipNorm } }: Config,
  training: Training,
  { parts, restore, lr }: Computed,
): Tensor {
  const { backbone, head, optimizer, scale } = training
  const figures = figuresOf(training, parts)
  const scaled = scale ? asRow(scale.value) : one(figures)
  const count = figures.size - 1
  const square = ops.div(ops.narrow(figures, 0, count, 1), ops.pow(scaled, 2))
  const norm = ops.div(asRow(optim.gradNormOf(backbone.parameters())), scaled)
  const loss = ops.narrow(figures, 0, 0, 1)
  const good = ops.all(ops.isfinite(ops.cat([loss, square, norm])))
  const skip = ops.reshape(ops.toDtype(ops.logicalNot(good), 'float32'), [1])
  const float = (of: Tensor) => ops.toDtype(of, 'float32')
  const clipped = clipNorm > 0 ? ops.clamp(ops.div(ops.add(norm, 1e-6), clipNorm), 1) : one(figures)
  const [backboneBy, headBy] = [float(ops.mul(scaled, clipped)), float(scaled)]
  optimizer.stepUnless(skip, lr, (name) => (name.startsWith('backbone.') ? backboneBy : headBy))
  head.descend(optimizer, 'head.weight', skip)
  restore(skip)
  scale?.update(skip)
  const embeddings = parts.map(({ embeddings }) => asRow(ops.all(ops.isfinite(embeddings))))
  const known = embeddings.reduce((all, one) => ops.mul(all, one))
  const comparable = parts[0]!.isComparable ? one(figures) : nothing(1, figures)
  return ops.cat([ops.narrow(figures, 0, 0, count), square, norm, scaled, known, comparable])
}

/** Waits for a step that `endThere` ended, and frees what it left. */
export function outcomeOf(
  config: Config,
  training: Training,
  seen: Tensor,
  told: Told,
): StepOutcome {
  const all = Array.from(seen.toTypedArray(), Number)
  seen.dispose()
  const [norm, scale, known, comparable] = all.splice(-4) as [number, number, number, number]
  const figures = named(config, training, all, norm, comparable === 1)
  const isGood = [figures.loss, norm, all.at(-1)!].every(Number.isFinite)
  const isOverflow = training.scale !== null && known === 1 && Number.isFinite(figures.loss)
  const wrong =
    known !== 1 ? 'an embedding' : Number.isFinite(figures.loss) ? 'a gradient' : 'the loss'
  return {
    ...told,
    ...figures,
    ...(training.scale && { lossScale: scale }),
    // A scale below 1 means that the gradients themselves are too large for float16.
    nonFinite: isGood || (isOverflow && scale >= 1) ? null : wrong,
  }
}

/** The values of `figuresOf` by their names. */
function named(
  { loss: { name } }: Config,
  { head, distillation }: Training,
  values: readonly number[],
  gradNorm: number,
  isComparable: boolean,
) {
  const [loss, target, other, own, distillLoss, cosine] = values as [
    number,
    number,
    number,
    ...number[],
  ]
  const hasNorm = !(head instanceof BlockedHead)
  const square = values.at(-1)!
  const taught: DistillFigures | null = distillation && {
    marginLoss: name === 'none' ? null : own!,
    distillLoss: distillLoss!,
    teacherCosine: isComparable ? cosine! : null,
  }
  return {
    loss,
    gradNorm,
    headGradNorm: hasNorm ? Math.sqrt(square * head.shard.world) : null,
    targetAngle: head.centres && target,
    otherAngle: head.centres && other,
    ...taught,
  }
}
