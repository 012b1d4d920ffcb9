import { availableParallelism } from 'node:os'
import { setNumThreads } from '@arcface/libtorch'
import { loadCheckpoint } from '../checkpoint/load.js'
import type { Config } from '../config/schema.js'
import { Team } from '../distributed/team.js'
import { deviceProblem } from '../network/device.js'
import { fileOfRun } from '../run/backbone.js'
import { findCheckpoint } from '../run/checkpoint.js'
import { readRun } from '../run/folder.js'
import { buildTraining } from '../step/build.js'

/** What a run has trained, as who has its folder has it; whoever opens it disposes of `training`. */
export interface Trained {
  readonly training: ReturnType<typeof buildTraining>
  /** With the device that is here. */
  readonly config: Config
  readonly classes: readonly string[]
}

/**
 * Opens a run's best network with its head whole: blocks and samples of classes are for training, and logits or gradients
 * of a part would not be those of all.
 * @throws TrainError TRAIN_RUN, TRAIN_CHECKPOINT, TRAIN_WEIGHTS
 */
export function openTrained(run: string): Trained {
  const { config: stored, classes } = readRun(run)
  const { train } = stored
  const device = deviceProblem(train.device) === null ? train.device : 'cpu'
  const head = { ...stored.head, blocked: false, sample: 1 }
  const config = { ...stored, head, train: { ...train, device } }
  setNumThreads(train.threads || availableParallelism())
  const training = buildTraining(config, classes.length, Team.alone(), fileOfRun(run, config))
  try {
    loadCheckpoint(findCheckpoint(run, 'best'), training)
  } catch (error) {
    training[Symbol.dispose]()
    throw error
  }
  return { training, config, classes }
}
