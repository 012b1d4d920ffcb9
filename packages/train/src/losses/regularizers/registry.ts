import { z } from 'zod'
import { chooseByName } from '../../by-name.js'
import type { Loss } from '../loss.js'
import type { LossShape } from '../shape.js'
import { center } from './center.js'
import type { RegularizerDefinition } from './definition.js'
import { inter } from './inter.js'
import { intra } from './intra.js'

/** A new regulariser is a file beside this one and a word here. */
const definitions: readonly RegularizerDefinition[] = [center, intra, inter]

export const listRegularizers = (): string[] => definitions.map(({ name }) => name)

/** A list of regularisers, each at most once. */
export const regularizersSchema = z
  .array(chooseByName('regularizer', definitions, {}))
  .superRefine((list, context) => {
    const names = list.map(({ name }) => name)
    const twice = names.find((name, i) => names.indexOf(name) < i)
    if (twice !== undefined)
      context.addIssue({ code: 'custom', message: `${twice} is there twice; add up the weights` })
  })

/**
 * Adds regularisers, as `regularizersSchema` gave them, to a loss.
 * @throws TrainError TRAIN_LOSS where one does not go with the loss
 */
export function regularize(
  loss: Loss,
  shape: LossShape,
  list: z.output<typeof regularizersSchema>,
): void {
  for (const options of list) {
    const definition = definitions.find(({ name }) => name === options.name)!
    loss.regularize(options.name, definition.build(loss, shape, options as never))
  }
}
