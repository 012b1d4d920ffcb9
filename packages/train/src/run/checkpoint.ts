import { existsSync, renameSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { makeFolder, readText } from '@arcface/data'
import {
  loadSafetensors,
  type nn,
  saveSafetensorsAsync,
  setRandomState,
  type Tensor,
  TorchError,
  torchVersion,
} from '@arcface/libtorch'
import { z } from 'zod'
import type { Config } from '../config/schema.js'
import {
  adoptParts,
  headFile,
  lossFiles,
  partFiles,
  randomFile,
  restoreLoss,
  savedBy,
} from '../distributed/parts.js'
import { reshard } from '../distributed/shards.js'
import { TrainError } from '../errors.js'
import type { Training } from '../trainer/build.js'
import { runPaths, writeError, writeWhole } from './folder.js'
import { randomStates } from './random.js'
import { point, prune, stepsIn, syncFolder } from './retention.js'
import { checkSum, writeSums } from './sums.js'

const FORMAT = 2

const stateSchema = z.object({
  /** 1 knew no configuration, scores or patience. */
  format: z.int().min(1).max(FORMAT),
  /** Steps done. */
  step: z.int().min(0),
  stepsPerEpoch: z.int().min(1),
  /** Images trained on; a resumed run must find the same. */
  samples: z.int().min(1),
  /** Highest accuracy on the first verification set so far, and the step that reached it. */
  best: z.number().nullable(),
  bestStep: z.int().nullable().default(null),
  /** Accuracy on that set at this step, once it was measured here. */
  score: z.number().nullable().default(null),
  /** Verifications since `best`. */
  stale: z.int().min(0).default(0),
  /** Share of the scheduled learning rate, lowered after steps that were not finite. */
  lrShare: z.number().gt(0).max(1).default(1),
  /** Images of a step, over all ranks; null before there were ranks. */
  globalBatch: z.int().min(1).nullable().default(null),
  torch: z.string(),
  node: z.string().nullable().default(null),
  /** What the run was configured as when this was saved. */
  config: z.unknown().default(null),
})
export type CheckpointState = z.output<typeof stateSchema>
/** Where a run stands: what the trainer says of a checkpoint. */
export type Standing = Omit<CheckpointState, 'format' | 'torch' | 'node' | 'config'>

const files = {
  backbone: 'backbone.safetensors',
  optimizer: 'optimizer.safetensors',
  average: 'ema.safetensors',
  random: 'random.safetensors',
  state: 'state.json',
}

/**
 * Copies everything that training changes, then writes `checkpoints/step-N` beside the steps that follow: under a
 * temporary name, flushed, renamed; then `best` and `latest` move to it. A process killed at any moment leaves whole
 * checkpoints only.
 * @throws TrainError TRAIN_DISK_FULL; earlier checkpoints stay
 */
export async function saveCheckpoint(
  run: string,
  { backbone, head, optimizer, average, team }: Training,
  standing: Standing,
  config: Config,
): Promise<string> {
  const { checkpoints } = runPaths(run)
  const { step, bestStep } = standing
  const folder = join(checkpoints, `step-${step}`)
  const temporary = join(checkpoints, `.step-${step}.tmp`)
  try {
    rmSync(temporary, { recursive: true, force: true })
    makeFolder(temporary)
    const save = (file: string, tensors: ReadonlyMap<string, Tensor>) =>
      saveSafetensorsAsync(join(temporary, file), tensors)
    const state = {
      format: FORMAT,
      torch: torchVersion,
      node: process.version,
      ...standing,
      config,
    }
    const text = JSON.stringify(state, null, 2)
    const random = randomStates(config.train.device)
    const writes = [
      save(files.backbone, backbone.stateDict()),
      save(headFile(team.shardOf(head)), head.stateDict()),
      save(files.optimizer, optimizer.stateDict()),
      save(files.random, random),
      ...(average ? [save(files.average, average.network.stateDict())] : []),
    ]
    for (const one of random.values()) one.dispose()
    // All have ended before the folder goes where one has failed, and nothing fails before somebody waits for them.
    for (const result of await Promise.allSettled(writes))
      if (result.status === 'rejected') throw result.reason
    writeWhole(join(temporary, files.state), text)
    adoptParts(checkpoints, step, temporary)
    await writeSums(temporary)
    syncFolder(temporary)
    renameSync(temporary, folder)
    syncFolder(checkpoints)
    if (bestStep === step) point(checkpoints, 'best', step)
    point(checkpoints, 'latest', step)
    prune(checkpoints, config.checkpoint.keep, config.checkpoint.keepBest)
  } catch (cause) {
    rmSync(temporary, { recursive: true, force: true })
    throw writeError(folder, cause)
  }
  return folder
}

/** What a verification says of a checkpoint, and of the run as far as it. */
export type Scored = Pick<Standing, 'step' | 'best' | 'bestStep' | 'score' | 'stale'>

/** Adds to a checkpoint what was measured of it after it was saved, and moves `best`. @throws TrainError TRAIN_DISK_FULL */
export function scoreCheckpoint(run: string, scored: Scored, { checkpoint }: Config): void {
  const { checkpoints } = runPaths(run)
  const folder = join(checkpoints, `step-${scored.step}`)
  const state = { ...readState(folder), ...scored }
  writeWhole(join(folder, files.state), JSON.stringify(state, null, 2))
  if (scored.bestStep === scored.step) point(checkpoints, 'best', scored.step)
  prune(checkpoints, checkpoint.keep, checkpoint.keepBest)
}

/** Folder of a checkpoint: `latest`, `best`, `step-N`, or a path. @throws TrainError TRAIN_CHECKPOINT */
export function findCheckpoint(run: string, which = 'latest'): string {
  const { checkpoints } = runPaths(run)
  const isName = which === 'latest' || which === 'best' || /^step-\d+$/.test(which)
  const folder = isName ? join(checkpoints, which) : which
  if (existsSync(join(folder, files.state))) return folder
  if (which === 'best' || which === 'latest') {
    const [newest] = stepsIn(checkpoints)
    if (newest !== undefined) return join(checkpoints, `step-${newest}`)
  }
  const steps = stepsIn(checkpoints).map((step) => `step-${step}`)
  throw new TrainError(
    'TRAIN_CHECKPOINT',
    `${folder} is no checkpoint: ${steps.length > 0 ? `the run has ${steps.join(', ')}` : 'the run has not saved one yet, or they were moved'}`,
  )
}

/** @throws TrainError TRAIN_CHECKPOINT */
export function readState(folder: string): CheckpointState {
  const broken = (why: string, cause?: unknown) =>
    new TrainError('TRAIN_CHECKPOINT', `${join(folder, files.state)}: ${why}`, { cause })
  let json: unknown
  try {
    json = JSON.parse(readText(join(folder, files.state)))
  } catch (cause) {
    throw broken('it is broken; remove its folder to resume from the checkpoint before', cause)
  }
  const newer = z.object({ format: z.int().min(FORMAT + 1) }).safeParse(json)
  if (newer.success)
    throw broken(
      `format ${newer.data.format} of a later version, this one knows up to ${FORMAT}; resume with that version`,
    )
  const state = stateSchema.safeParse(json)
  if (state.success) return state.data
  throw broken(
    `it is broken (${z.prettifyError(state.error)}); remove its folder to resume from the checkpoint before`,
  )
}

/** The weights of a checkpoint's network: their moving average, if there is one. */
export const weightsFile = (folder: string): string =>
  [files.average, files.backbone].map((name) => join(folder, name)).find(existsSync) ??
  join(folder, files.backbone)

/** Loads the network alone, its moving average if there is one. @throws TrainError TRAIN_CHECKPOINT */
export function loadBackbone(folder: string, backbone: nn.Module): void {
  loadInto(folder, basename(weightsFile(folder)), (weights) => backbone.loadStateDict(weights))
}

/**
 * Puts everything back as it was when the checkpoint was saved, by however many ranks.
 * @returns what the training does not go on with as it was, in a sentence; null where that is nothing
 * @throws TrainError TRAIN_CHECKPOINT
 */
export function loadCheckpoint(folder: string, training: Training): string | null {
  const { backbone, head, optimizer, average, team, classes } = training
  loadInto(folder, files.backbone, (weights) => backbone.loadStateDict(weights))
  if (average) loadInto(folder, files.average, (weights) => average.network.loadStateDict(weights))
  const shard = team.shardOf(head)
  const ownPart = (parts: Map<string, Tensor>[]) => reshard(parts, shard, classes)
  loadParts(folder, partFiles(folder, 'head', ''), ownPart, (weights) =>
    head.loadStateDict(weights),
  )
  loadParts(folder, partFiles(folder, 'optimizer', files.optimizer), ownPart, (state) =>
    optimizer.loadStateDict(state),
  )
  const others = lossFiles(folder)
  if (others.length > 0) loadAll(folder, others, (kept) => restoreLoss(head, kept, team))
  const random = randomFile(folder, files.random, team)
  if (random !== null)
    loadInto(folder, random, (states) => {
      for (const [device, state] of states) setRandomState(state, device)
    })
  const before = savedBy(folder)
  if (before === team.world) return null
  return `the run was saved by ${before} ${before === 1 ? 'rank' : 'ranks'} and goes on with ${team.world}: not to the bits of the unbroken one${others.length > 0 ? '; each rank begins with the mean of what the losses of all kept' : ''}`
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

function loadInto(folder: string, file: string, use: (tensors: Map<string, Tensor>) => void): void {
  try {
    const tensors = loadSafetensors(join(folder, file))
    checkSum(folder, file)
    use(tensors)
    for (const one of tensors.values()) one.dispose()
  } catch (cause) {
    if (!(cause instanceof TorchError)) throw cause
    throw new TrainError(
      'TRAIN_CHECKPOINT',
      `${join(folder, file)}: ${cause.message} Remove ${folder} to resume from the checkpoint before it.`,
      { cause },
    )
  }
}
