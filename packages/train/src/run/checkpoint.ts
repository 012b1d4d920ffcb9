import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readText } from '@arcface/files'
import { z } from 'zod'
import { TrainError } from '../errors.js'
import { runPaths } from './folder.js'
import { stepsIn } from './retention.js'

/** Of the checkpoints that are written here. */
export const FORMAT = 2

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

/** Names of the files of a checkpoint; those of ranks are in `checkpoint/parts.ts`. */
export const checkpointFiles = {
  backbone: 'backbone.safetensors',
  optimizer: 'optimizer.safetensors',
  average: 'ema.safetensors',
  start: 'start.safetensors',
  scale: 'scale.safetensors',
  random: 'random.safetensors',
  state: 'state.json',
}

/** What a verification says of a checkpoint, and of the run as far as it. */
export type Scored = Pick<Standing, 'step' | 'best' | 'bestStep' | 'score' | 'stale'>

/** Folder of a checkpoint: `latest`, `best`, `step-N`, or a path. @throws TrainError TRAIN_CHECKPOINT */
export function findCheckpoint(run: string, which = 'latest'): string {
  const { checkpoints } = runPaths(run)
  const isName = which === 'latest' || which === 'best' || /^step-\d+$/.test(which)
  const folder = isName ? join(checkpoints, which) : which
  if (existsSync(join(folder, checkpointFiles.state))) return folder
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
    new TrainError('TRAIN_CHECKPOINT', `${join(folder, checkpointFiles.state)}: ${why}`, { cause })
  let json: unknown
  try {
    json = JSON.parse(readText(join(folder, checkpointFiles.state)))
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

/** The weights of a checkpoint's network: their moving average or mix, if there is one. */
export const weightsFile = (folder: string): string =>
  [checkpointFiles.average, checkpointFiles.backbone]
    .map((name) => join(folder, name))
    .find(existsSync) ?? join(folder, checkpointFiles.backbone)
