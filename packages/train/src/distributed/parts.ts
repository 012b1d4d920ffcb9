import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { saveSafetensors, type Tensor } from '@arcface/libtorch'
import { randomStates } from '../run/random.js'
import type { Training } from '../trainer/build.js'
import type { Shard } from './shards.js'

// What the ranks above 0 have in a checkpoint: `<what>-R-of-W.safetensors`. They write it into a folder of its own,
// from which rank 0 takes it into the checkpoint that it is about to finish.

const partName = (what: string, { rank, world }: Shard): string =>
  `${what}-${rank}-of-${world}.safetensors`

/** The file with the centres of a shard. */
export const headFile = (shard: Shard): string => partName('head', shard)

const staging = (checkpoints: string, step: number) => join(checkpoints, `.parts-${step}.tmp`)

/** Writes what this rank alone has: random state, and its centres with what the optimizer keeps for them. */
export function writeParts(
  checkpoints: string,
  step: number,
  { head, optimizer, team }: Training,
  device: string,
): void {
  const own = { rank: team.rank, world: team.world }
  const folder = staging(checkpoints, step)
  mkdirSync(folder, { recursive: true })
  const save = (what: string, tensors: Map<string, Tensor>) =>
    saveSafetensors(join(folder, partName(what, own)), tensors)
  const random = randomStates(device)
  save('random', random)
  for (const one of random.values()) one.dispose()
  if (team.shardOf(head).world === 1) return
  save('head', head.stateDict())
  save(
    'optimizer',
    new Map([...optimizer.stateDict()].filter(([name]) => name.startsWith('head.'))),
  )
}

/** Moves what the other ranks wrote into a checkpoint. */
export function adoptParts(checkpoints: string, step: number, folder: string): void {
  const from = staging(checkpoints, step)
  if (!existsSync(from)) return
  for (const name of readdirSync(from)) renameSync(join(from, name), join(folder, name))
  rmSync(from, { recursive: true })
}

/** Files of a checkpoint that together hold `what`, in the order of their ranks; `first` is rank 0's. */
export function partFiles(folder: string, what: 'head' | 'optimizer', first: string): string[] {
  const world = shardsIn(folder)
  const others = Array.from({ length: world - 1 }, (_, i) => partName(what, { rank: i + 1, world }))
  return [what === 'head' ? headFile({ rank: 0, world }) : first, ...others]
}

/** Number of shards that the centres of a checkpoint were saved in. */
function shardsIn(folder: string): number {
  const first = readdirSync(folder).find((name) => name.startsWith('head-0-of-'))
  return Number(/of-(\d+)/.exec(first ?? '')?.[1] ?? 1)
}

/** The random state of this rank in a checkpoint; null if it was saved by fewer or more ranks. */
export function randomFile(folder: string, first: string, { rank, world }: Shard): string | null {
  const own = rank === 0 ? first : partName('random', { rank, world })
  return existsSync(join(folder, own)) ? own : null
}
