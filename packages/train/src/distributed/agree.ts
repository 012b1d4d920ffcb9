import type { ProcessGroup } from '@arcface/libtorch'
import { TrainError } from '../errors.js'

/** The leaves of nested objects, by dotted key. */
function* leaves(value: unknown, key = ''): Generator<[string, string]> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    for (const [name, inner] of Object.entries(value))
      yield* leaves(inner, key === '' ? name : `${key}.${name}`)
  else yield [key, JSON.stringify(value) ?? 'nothing']
}

/** The first leaf in which two differ: its key and both values; null if there is none. */
export function firstDifference(a: unknown, b: unknown): [string, string, string] | null {
  const [left, right] = [new Map(leaves(a)), new Map(leaves(b))]
  for (const key of [...left.keys(), ...right.keys()]) {
    const [one, other] = [left.get(key) ?? 'nothing', right.get(key) ?? 'nothing']
    if (one !== other) return [key, one, other]
  }
  return null
}

/**
 * Compares what all ranks are about to do, before they do it.
 * @throws TrainError TRAIN_RANKS, on every rank, naming the first value in which one differs from rank 0
 */
export function agree(group: ProcessGroup, settings: unknown): void {
  const { rank, worldSize } = group
  const own = JSON.stringify(settings)
  if (rank === 0) group.set('settings', own)
  const difference = firstDifference(JSON.parse(group.get('settings')), JSON.parse(own))
  group.set(
    `verdict/${rank}`,
    difference === null
      ? ''
      : `${difference[0]} is ${difference[1]} for rank 0 and ${difference[2]} for rank ${rank}`,
  )
  const verdicts = Array.from({ length: worldSize }, (_, one) => group.get(`verdict/${one}`))
  group.barrier()
  const found = verdicts.find((verdict) => verdict !== '')
  if (found !== undefined)
    throw new TrainError('TRAIN_RANKS', `${found}. Start all ranks with the same command.`)
}
