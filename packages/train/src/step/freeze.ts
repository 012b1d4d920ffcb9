import type { nn } from '@arcface/libtorch'
import { didYouMean } from '@arcface/vision'
import { TrainError } from '../errors.js'

const within = (name: string, part: string): boolean => name === part || name.startsWith(`${part}.`)

/** `..fc` is what comes before the part `fc`. */
const BEFORE = '..'

/**
 * Whether a name of the network is of one of the parts.
 * @throws TrainError TRAIN_WEIGHTS for a part that it does not have
 */
function isOf(network: nn.Module, parts: readonly string[]): (name: string) => boolean {
  const names = [...network.stateDict().keys()]
  const frozen = parts.flatMap((part) => {
    const bare = part.startsWith(BEFORE) ? part.slice(BEFORE.length) : part
    const first = names.findIndex((name) => within(name, bare))
    if (first < 0) {
      const known = [...new Set(names.map((name) => name.split('.')[0]!))]
      throw new TrainError(
        'TRAIN_WEIGHTS',
        `model.freeze: the network has no part ${bare}${didYouMean(bare, known)}; its parts are ${known.join(', ')}`,
      )
    }
    return bare === part ? [part] : before(names, first)
  })
  return (name) => frozen.some((part) => within(name, part))
}

/** What lies before the place `first`: whole modules, and of the one that the place is in its single weights. */
function before(names: readonly string[], first: number): string[] {
  const trained = new Set(names.slice(first).flatMap(modulesOf))
  const parts = names.slice(0, first).map((name) => {
    const [module] = modulesOf(name)
    return module === undefined || trained.has(module) ? name : module
  })
  return [...new Set(parts)]
}

/** Of `a.b.weight` first `a.b`, then `a`. */
const modulesOf = (name: string): string[] =>
  [...name.matchAll(/\./g)].map(({ index }) => name.slice(0, index)).reverse()

/** Stops the training of parts of a network. Errors as `isOf`. */
export function freeze(network: nn.Module, parts: readonly string[]): void {
  const isFrozen = isOf(network, parts)
  for (const [name, value] of network.namedParameters())
    if (isFrozen(name)) value.requiresGrad = false
}

/** Training mode for all but the frozen parts, whose statistics stay. */
export function trainExcept(network: nn.Module, frozen: readonly string[]): void {
  network.train()
  if (frozen.length === 0) return
  const isFrozen = isOf(network, frozen)
  for (const [name, module] of network.namedModules()) if (isFrozen(name)) module.training = false
}
