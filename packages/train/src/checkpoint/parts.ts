import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolder } from '@arcface/files'
import { type nn, noGrad, ops, saveSafetensors, scope, type Tensor } from '@arcface/libtorch'
import { TrainError } from '../errors.js'
import type { Shard } from '../losses/shard.js'
import type { Training } from '../step/training.js'
import { randomStates } from './random.js'

// What the ranks above 0 have in a checkpoint: `<what>-R-of-W.safetensors`. They write it into a folder of its own,
// from which rank 0 takes it into the checkpoint that it is about to finish.

const partName = (what: string, { rank, world }: Shard): string =>
  `${what}-${rank}-of-${world}.safetensors`

/** The file with the centres of a shard. */
export const headFile = (shard: Shard): string => partName('head', shard)

const staging = (checkpoints: string, step: number) => join(checkpoints, `.parts-${step}.tmp`)

/** Writes what this rank alone has: random state, what its loss keeps, its centres with what the optimizer keeps for them. */
export function writeParts(
  checkpoints: string,
  step: number,
  { head, optimizer, team }: Training,
  device: string,
): void {
  const own = { rank: team.rank, world: team.world }
  const folder = staging(checkpoints, step)
  makeFolder(folder)
  const save = (what: string, tensors: Map<string, Tensor>) =>
    saveSafetensors(join(folder, partName(what, own)), tensors)
  const random = randomStates(device)
  save('random', random)
  for (const one of random.values()) one.dispose()
  const kept = new Map(head.namedBuffers())
  if (kept.size > 0) save('loss', kept)
  if (head.shard.world === 1) return
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

/**
 * Files of a checkpoint that together hold `what`, in the order of their ranks; `first` is rank 0's.
 * @throws TrainError TRAIN_CHECKPOINT where the head is not there, or of more ranks than there are files
 */
export function partFiles(folder: string, what: 'head' | 'optimizer', first: string): string[] {
  const world = shardsIn(folder)
  const others = Array.from({ length: world - 1 }, (_, i) => partName(what, { rank: i + 1, world }))
  return [what === 'head' ? headFile({ rank: 0, world }) : first, ...others]
}

/** Number of shards that the centres of a checkpoint were saved in. */
const shardsIn = (folder: string): number => countParts(folder, 'head', 0)

/** Number of ranks that saved a checkpoint. @throws TrainError TRAIN_CHECKPOINT where files of some are missing */
export const savedBy = (folder: string): number => countParts(folder, 'random', 1)

/**
 * The W of the files `<what>-R-of-W`, R from `first` on, which are all there: a name alone may tell any number. Where R
 * begins at 1 and there is none, it is 1.
 */
function countParts(folder: string, what: string, first: 0 | 1): number {
  const name = new RegExp(`^${what}-\\d+-of-(\\d+)\\.safetensors$`)
  const worlds = readdirSync(folder).flatMap((file) => name.exec(file)?.[1] ?? [])
  const world = worlds.length + first
  if (world > 0 && worlds.every((told) => Number(told) === world)) return world
  throw new TrainError(
    'TRAIN_CHECKPOINT',
    `${folder}: its files ${what}-... are not those of all ranks (${worlds.length} files, of ${[...new Set(worlds)].join(' and ') || 'unknown'} ranks). Files were renamed or lost; remove the folder to resume from the checkpoint before it.`,
  )
}

/** Files of what the losses of the ranks above 0 keep, in their order; none where it is nothing, or not saved. */
export function lossFiles(folder: string): string[] {
  const world = savedBy(folder)
  return Array.from({ length: world - 1 }, (_, i) =>
    partName('loss', { rank: i + 1, world }),
  ).filter((name) => existsSync(join(folder, name)))
}

/**
 * Puts back what a loss keeps of the images of its rank, such as a running mean; `head` has that of rank 0.
 * @param others what the ranks above 0 saved, in their order
 */
export function restoreLoss(
  head: nn.Module,
  others: readonly ReadonlyMap<string, Tensor>[],
  { rank, world }: Shard,
): void {
  if (others.length === world - 1) {
    const own = others[rank - 1]
    if (own) head.loadStateDict(own, { strict: false })
    return
  }
  // Fewer ranks or more: each goes on from the mean of all.
  noGrad(() =>
    scope(() => {
      for (const [name, value] of head.namedBuffers()) {
        const all = [value, ...others.flatMap((one) => one.get(name) ?? [])]
        ops.copy_(
          value,
          ops.div(
            all.reduce((sum, one) => ops.add(sum, one)),
            all.length,
          ),
        )
      }
    }),
  )
}

/** The random state of this rank in a checkpoint; null if it was saved by fewer or more ranks. */
export function randomFile(folder: string, first: string, { rank, world }: Shard): string | null {
  const own = rank === 0 ? first : partName('random', { rank, world })
  return existsSync(join(folder, own)) ? own : null
}
