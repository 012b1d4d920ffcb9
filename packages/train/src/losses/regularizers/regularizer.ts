import { nn, type Tensor } from '@arcface/libtorch'
import { z } from 'zod'
import type { Loss, LossShape } from '../loss.js'

/** Factor of a term. */
export const weight = z.number().positive().finite()

/** A term that is added, `weight` times, to any loss. */
export abstract class Regularizer extends nn.Module {
  constructor(readonly weight: number) {
    super()
  }

  /**
   * The mean over the batch, without the weight. `embeddings` [N, dim] are raw, `labels` int64 [N]. Value and
   * gradient are finite for every finite float32 embedding.
   */
  abstract override forward(embeddings: Tensor, labels: Tensor): Tensor
}

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
