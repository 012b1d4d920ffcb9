import { z } from 'zod'
import type { Loss } from '../loss.js'
import type { LossShape } from '../shape.js'
import type { Regularizer } from './regularizer.js'

/** Factor of a term. */
export const weight = z.number().positive().finite()

/** A regulariser by name: what a configuration may say about it, and how it is built. */
export interface RegularizerDefinition {
  name: string
  schema: z.ZodObject
  build(loss: Loss, shape: LossShape, options: never): Regularizer
}

/** Defines a regulariser for the registry; `options` are the keys beside `name`. */
export function defineRegularizer<const Options extends z.ZodRawShape>(
  name: string,
  options: Options,
  build: (loss: Loss, shape: LossShape, options: z.output<z.ZodObject<Options>>) => Regularizer,
): RegularizerDefinition {
  return { name, schema: z.strictObject({ name: z.literal(name), ...options }), build }
}
