import { renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolder, syncFolder } from '@arcface/files'
import { saveSafetensorsAsync, type Tensor, torchVersion } from '@arcface/libtorch'
import type { Config } from '../config/schema.js'
import {
  checkpointFiles,
  FORMAT,
  readState,
  type Scored,
  type Standing,
} from '../run/checkpoint.js'
import { runPaths, writeError, writeWhole } from '../run/folder.js'
import { point, prune } from '../run/retention.js'
import { writeSums } from '../run/sums.js'
import type { Training } from '../step/training.js'
import { adoptParts, headFile } from './parts.js'
import { randomStates } from './random.js'

/**
 * Copies everything that training changes, then writes `checkpoints/step-N` beside the steps that follow: under a
 * temporary name, flushed, renamed; then `best` and `latest` move to it. A process killed at any moment leaves whole
 * checkpoints only.
 * @throws TrainError TRAIN_DISK_FULL; earlier checkpoints stay
 */
export async function saveCheckpoint(
  run: string,
  { backbone, head, optimizer, average, scale }: Training,
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
      save(checkpointFiles.backbone, backbone.stateDict()),
      save(headFile(head.shard), head.stateDict()),
      save(checkpointFiles.optimizer, optimizer.stateDict()),
      save(checkpointFiles.random, random),
      ...(scale ? [save(checkpointFiles.scale, scale.stateDict())] : []),
      ...(average ? [save(checkpointFiles.average, average.network.stateDict())] : []),
      ...(average?.start ? [save(checkpointFiles.start, average.start.stateDict())] : []),
    ]
    for (const one of random.values()) one.dispose()
    // All have ended before the folder goes where one has failed, and nothing fails before somebody waits for them.
    for (const result of await Promise.allSettled(writes))
      if (result.status === 'rejected') throw result.reason
    writeWhole(join(temporary, checkpointFiles.state), text)
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

/** Adds to a checkpoint what was measured of it after it was saved, and moves `best`. @throws TrainError TRAIN_DISK_FULL */
export function scoreCheckpoint(run: string, scored: Scored, { checkpoint }: Config): void {
  const { checkpoints } = runPaths(run)
  const folder = join(checkpoints, `step-${scored.step}`)
  const state = { ...readState(folder), ...scored }
  writeWhole(join(folder, checkpointFiles.state), JSON.stringify(state, null, 2))
  if (scored.bestStep === scored.step) point(checkpoints, 'best', scored.step)
  prune(checkpoints, checkpoint.keep, checkpoint.keepBest)
}
