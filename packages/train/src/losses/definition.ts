import { z } from 'zod'
import type { Loss } from './loss.js'
import type { LossShape } from './shape.js'

/** A loss by name: what a configuration may say about it, and how it is built. */
export interface LossDefinition {
  name: string
  schema: z.ZodObject
  build(shape: LossShape, options: never): Loss
}

/**
 * Defines a loss for the registry. `options` are the keys beside `name`, with defaults; a key that a person
 * writes wrongly is refused before training starts.
 */
export function defineLoss<const Options extends z.ZodRawShape>(
  name: string,
  options: Options,
  build: (shape: LossShape, options: z.output<z.ZodObject<Options>>) => Loss,
): LossDefinition {
  return { name, schema: z.strictObject({ name: z.literal(name), ...options }), build }
}
