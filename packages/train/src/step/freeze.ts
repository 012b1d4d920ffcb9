import type { nn } from '@arcface/libtorch'
import { didYouMean } from '../by-name.js'
import { TrainError } from '../errors.js'

const within = (name: string, parts: readonly string[]): boolean =>
  parts.some((part) => name === part || name.startsWith(`${part}.`))

/** Stops the training of parts of a network. @throws TrainError TRAIN_WEIGHTS for a part that it does not have */
export function freeze(network: nn.Module, parts: readonly string[]): void {
  const names = [...network.stateDict().keys()]
  for (const part of parts)
    if (!names.some((name) => within(name, [part]))) {
      const known = [...new Set(names.map((name) => name.split('.')[0]!))]
      throw new TrainError(
        'TRAIN_WEIGHTS',
        `model.freeze: the network has no part ${part}${didYouMean(part, known)}; its parts are ${known.join(', ')}`,
      )
    }
  for (const [name, value] of network.namedParameters())
    if (within(name, parts)) value.requiresGrad = false
}

/** Training mode for all but the frozen parts, whose statistics stay. */
export function trainExcept(network: nn.Module, frozen: readonly string[]): void {
  network.train()
  if (frozen.length > 0)
    for (const [name, module] of network.namedModules())
      if (within(name, frozen)) module.training = false
}
