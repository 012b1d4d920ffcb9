import { z } from 'zod'
import { chooseByName } from '../by-name.js'
import { TrainError } from '../errors.js'
import { aSoftmax } from './a-softmax.js'
import { adaface } from './adaface.js'
import { circle } from './circle.js'
import { curricularface } from './curricularface.js'
import type { LossDefinition } from './definition.js'
import { elasticface } from './elasticface.js'
import { lSoftmax } from './l-softmax.js'
import type { Loss } from './loss.js'
import { magface } from './magface.js'
import { mvSoftmax } from './mv-softmax.js'
import { none } from './none.js'
import { regularize, regularizersSchema } from './regularizers/registry.js'
import type { LossShape } from './shape.js'
import { softmax } from './softmax.js'
import { subcenterArcface } from './subcenter.js'
import { triplet } from './triplet.js'
import { arcface, cm1, cm2, cosface, normSoftmax, sphereface, unified } from './unified.js'

/** A new loss is a file beside this one and a word here. */
const definitions: readonly LossDefinition[] = [
  softmax,
  normSoftmax,
  arcface,
  cosface,
  sphereface,
  cm1,
  cm2,
  unified,
  lSoftmax,
  aSoftmax,
  subcenterArcface,
  curricularface,
  magface,
  adaface,
  elasticface,
  mvSoftmax,
  circle,
  triplet,
]

export const listLosses = (): string[] => definitions.map(({ name }) => name)

/** A loss as a configuration names it: `name` and what that loss takes. */
export type LossOptions = { name: string } & Record<string, unknown>

/** Keys that every loss takes. */
const common = {
  /** Share of all steps over which the margin grows from 0: small networks first find the people, then part them. */
  marginWarmup: z.number().min(0).max(1).default(0),
  /** Another scale to start with, growing linearly to the loss's own; losses without a scale ignore it. */
  scaleWarmup: z
    .strictObject({ from: z.number().positive(), over: z.number().gt(0).max(1) })
    .nullable()
    .default(null),
  /** Terms that are added to the loss. */
  regularizers: regularizersSchema.default([]),
}

export const lossSchema = chooseByName('loss', definitions, common)
/** What a training may have: a loss, or `none` beside a teacher. */
export const trainedLossSchema = chooseByName('loss', [...definitions, none], common)
/** The same one by one, with the keys that each takes. */
export const trainedLosses = [...definitions, none].map(({ name, schema }) => ({
  name,
  schema: schema.extend(common),
}))

/**
 * A loss with fresh centres.
 * @throws TrainError TRAIN_LOSS if there is none of that name or a setting is out of range
 */
export function createLoss(options: LossOptions, shape: LossShape): Loss {
  for (const [key, value] of Object.entries(shape))
    if (!(Number.isInteger(value) && value > 0))
      throw new TrainError('TRAIN_LOSS', `${key} must be a positive integer, not ${value}`)
  const parsed = lossSchema.safeParse(options)
  if (!parsed.success)
    throw new TrainError(
      'TRAIN_LOSS',
      parsed.error.issues
        .map(({ path, message }) => `loss.${path.join('.')}: ${message}`)
        .join('; '),
    )
  const definition = definitions.find(({ name }) => name === options.name)!
  const loss = definition.build(shape, parsed.data as never)
  regularize(loss, shape, parsed.data.regularizers)
  return loss
}
