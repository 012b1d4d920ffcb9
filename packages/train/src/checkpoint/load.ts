import { type nn, setRandomState, type Tensor } from '@arcface/libtorch'
import { checkpointFiles } from '../run/checkpoint.js'
import { loadInto } from '../run/tensors.js'
import type { Training } from '../step/training.js'
import { lossFiles, partFiles, randomFile, restoreLoss, savedBy } from './parts.js'
import { reshard } from './reshard.js'

/**
 * Puts everything back as it was when the checkpoint was saved, by however many ranks.
 * @returns what the training does not go on with as it was, in a sentence; null where that is nothing
 * @throws TrainError TRAIN_CHECKPOINT
 */
export function loadCheckpoint(folder: string, training: Training): string | null {
  const { backbone, head, optimizer, average, scale, team, classes } = training
  loadInto(folder, checkpointFiles.backbone, (weights) => backbone.loadStateDict(weights))
  if (average)
    loadInto(folder, checkpointFiles.average, (weights) => average.network.loadStateDict(weights))
  const start = average?.start
  if (start) loadInto(folder, checkpointFiles.start, (weights) => start.loadStateDict(weights))
  const ownPart = (parts: Map<string, Tensor>[]) => reshard(parts, head.shard, classes)
  loadParts(folder, partFiles(folder, 'head', ''), ownPart, (weights) =>
    head.loadStateDict(weights),
  )
  loadParts(folder, partFiles(folder, 'optimizer', checkpointFiles.optimizer), ownPart, (state) =>
    optimizer.loadStateDict(state),
  )
  if (scale) loadInto(folder, checkpointFiles.scale, (state) => scale.loadStateDict(state))
  const others = lossFiles(folder)
  if (others.length > 0) loadAll(folder, others, (kept) => restoreLoss(head, kept, team))
  const random = randomFile(folder, checkpointFiles.random, team)
  if (random !== null)
    loadInto(folder, random, (states) => {
      for (const [device, state] of states) setRandomStateOn(deviceOf(backbone), device, state)
    })
  const before = savedBy(folder)
  if (before === team.world) return null
  return `the run was saved by ${before} ${before === 1 ? 'rank' : 'ranks'} and goes on with ${team.world}: not to the bits of the unbroken one${others.length > 0 ? '; each rank begins with the mean of what the losses of all kept' : ''}`
}

const deviceOf = (network: nn.Module): string => network.parameters()[0]?.device ?? 'cpu'

/** State of a GPU's generator is of use on a GPU, whatever its number; a CPU has only its own. */
function setRandomStateOn(own: string, savedOn: string, state: Tensor): void {
  if (savedOn === 'cpu') setRandomState(state)
  else if (own !== 'cpu') setRandomState(state, own)
}

/** Loads tensors that lie in the files of several ranks, and uses the part that is ours. */
function loadParts(
  folder: string,
  names: readonly string[],
  ownPart: (parts: Map<string, Tensor>[]) => Map<string, Tensor>,
  use: (tensors: Map<string, Tensor>) => void,
): void {
  loadAll(folder, names, (parts) => {
    const own = ownPart(parts)
    use(own)
    for (const one of own.values()) one.dispose()
  })
}

/** Loads several files, and uses them together. */
function loadAll(
  folder: string,
  [file, ...rest]: readonly string[],
  use: (files: Map<string, Tensor>[]) => void,
  loaded: Map<string, Tensor>[] = [],
): void {
  if (file === undefined) use(loaded)
  else loadInto(folder, file, (tensors) => loadAll(folder, rest, use, [...loaded, tensors]))
}
