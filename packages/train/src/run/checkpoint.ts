import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { join } from 'node:path'
import {
  getRandomState,
  loadSafetensors,
  type nn,
  saveSafetensors,
  setRandomState,
  type Tensor,
  TorchError,
  torchVersion,
} from '@arcface/libtorch'
import { z } from 'zod'
import { adoptParts, headFile, partFiles, randomFile } from '../distributed/parts.js'
import { reshard } from '../distributed/shards.js'
import { TrainError } from '../errors.js'
import type { Training } from '../trainer/build.js'
import { runPaths, writeError, writeWhole } from './folder.js'

const stateSchema = z.object({
  format: z.literal(1),
  /** Steps done. */
  step: z.int().min(0),
  stepsPerEpoch: z.int().min(1),
  /** Images trained on; a resumed run must find the same. */
  samples: z.int().min(1),
  /** Highest accuracy on the first verification set so far. */
  best: z.number().nullable(),
  /** Share of the scheduled learning rate, lowered after steps that were not finite. */
  lrShare: z.number().gt(0).max(1).default(1),
  /** Images of a step, over all ranks; null before there were ranks. */
  globalBatch: z.int().min(1).nullable().default(null),
  torch: z.string(),
})
export type CheckpointState = z.output<typeof stateSchema>

const files = {
  backbone: 'backbone.safetensors',
  optimizer: 'optimizer.safetensors',
  random: 'random.safetensors',
  state: 'state.json',
}

/**
 * Writes `checkpoints/step-N` under a temporary name, renames it and moves `latest` (and `best`) to it: a
 * process killed at any moment leaves whole checkpoints only.
 * @throws TrainError TRAIN_DISK_FULL; earlier checkpoints stay
 */
export function saveCheckpoint(
  run: string,
  { backbone, head, optimizer, team }: Training,
  state: Omit<CheckpointState, 'format' | 'torch'>,
  { isBest, keep }: { isBest: boolean; keep: number },
): string {
  const { checkpoints } = runPaths(run)
  const name = `step-${state.step}`
  const folder = join(checkpoints, name)
  const temporary = join(checkpoints, `.${name}.tmp`)
  try {
    rmSync(temporary, { recursive: true, force: true })
    mkdirSync(temporary, { recursive: true })
    saveSafetensors(join(temporary, files.backbone), backbone.stateDict())
    saveSafetensors(join(temporary, headFile(team.shardOf(head))), head.stateDict())
    saveSafetensors(join(temporary, files.optimizer), optimizer.stateDict())
    const random = getRandomState()
    saveSafetensors(join(temporary, files.random), new Map([['cpu', random]]))
    random.dispose()
    writeWhole(
      join(temporary, files.state),
      JSON.stringify({ format: 1, torch: torchVersion, ...state }, null, 2),
    )
    adoptParts(checkpoints, state.step, temporary)
    rmSync(folder, { recursive: true, force: true })
    renameSync(temporary, folder)
    point(checkpoints, 'latest', name)
    if (isBest) point(checkpoints, 'best', name)
  } catch (cause) {
    rmSync(temporary, { recursive: true, force: true })
    throw writeError(folder, cause)
  }
  prune(checkpoints, keep)
  return folder
}

/** Moves a symbolic link in one rename. */
function point(checkpoints: string, link: string, name: string): void {
  const temporary = join(checkpoints, `.${link}.tmp`)
  rmSync(temporary, { force: true })
  symlinkSync(name, temporary)
  renameSync(temporary, join(checkpoints, link))
}

const stepsIn = (checkpoints: string): number[] =>
  readdirSync(checkpoints)
    .flatMap((name) => /^step-(\d+)$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => b - a)

function prune(checkpoints: string, keep: number): void {
  const best = existsSync(join(checkpoints, 'best')) ? readlinkSync(join(checkpoints, 'best')) : ''
  for (const step of stepsIn(checkpoints).slice(keep))
    if (`step-${step}` !== best)
      rmSync(join(checkpoints, `step-${step}`), { recursive: true, force: true })
}

/** Folder of a checkpoint: `latest`, `best`, or a path. @throws TrainError TRAIN_CHECKPOINT */
export function findCheckpoint(run: string, which = 'latest'): string {
  const { checkpoints } = runPaths(run)
  const folder = which === 'latest' || which === 'best' ? join(checkpoints, which) : which
  if (existsSync(join(folder, files.state))) return folder
  if (which === 'best' || which === 'latest') {
    const [newest] = existsSync(checkpoints) ? stepsIn(checkpoints) : []
    if (newest !== undefined) return join(checkpoints, `step-${newest}`)
  }
  throw new TrainError(
    'TRAIN_CHECKPOINT',
    `${folder} is no checkpoint: the run has not saved one yet, or it was moved`,
  )
}

export function readState(folder: string): CheckpointState {
  try {
    return stateSchema.parse(JSON.parse(readFileSync(join(folder, files.state), 'utf8')))
  } catch (cause) {
    throw new TrainError(
      'TRAIN_CHECKPOINT',
      `${folder}: state.json is broken; resume from another checkpoint`,
      { cause },
    )
  }
}

/** Loads the network's weights alone. @throws TrainError TRAIN_CHECKPOINT */
export function loadBackbone(folder: string, backbone: nn.Module): void {
  loadInto(folder, files.backbone, (weights) => backbone.loadStateDict(weights))
}

/**
 * Puts everything back as it was when the checkpoint was saved, by however many ranks.
 * @throws TrainError TRAIN_CHECKPOINT
 */
export function loadCheckpoint(folder: string, training: Training): void {
  const { backbone, head, optimizer, team, classes } = training
  loadBackbone(folder, backbone)
  const shard = team.shardOf(head)
  const ownPart = (parts: Map<string, Tensor>[]) => reshard(parts, shard, classes)
  loadParts(folder, partFiles(folder, 'head', ''), ownPart, (weights) =>
    head.loadStateDict(weights),
  )
  loadParts(folder, partFiles(folder, 'optimizer', files.optimizer), ownPart, (state) =>
    optimizer.loadStateDict(state),
  )
  const random = randomFile(folder, files.random, team)
  if (random === null) return
  loadInto(folder, random, (state) => {
    const cpu = state.get('cpu')
    if (cpu) setRandomState(cpu)
  })
}

/** Loads tensors that lie in the files of several ranks, and uses the part that is ours. */
function loadParts(
  folder: string,
  names: readonly string[],
  ownPart: (parts: Map<string, Tensor>[]) => Map<string, Tensor>,
  use: (tensors: Map<string, Tensor>) => void,
  loaded: Map<string, Tensor>[] = [],
): void {
  const [file, ...rest] = names
  if (file !== undefined)
    loadInto(folder, file, (tensors) => loadParts(folder, rest, ownPart, use, [...loaded, tensors]))
  else {
    const own = ownPart(loaded)
    use(own)
    for (const one of own.values()) one.dispose()
  }
}

function loadInto(folder: string, file: string, use: (tensors: Map<string, Tensor>) => void): void {
  try {
    const tensors = loadSafetensors(join(folder, file))
    use(tensors)
    for (const one of tensors.values()) one.dispose()
  } catch (cause) {
    if (!(cause instanceof TorchError)) throw cause
    throw new TrainError('TRAIN_CHECKPOINT', `${join(folder, file)}: ${cause.message}`, { cause })
  }
}
