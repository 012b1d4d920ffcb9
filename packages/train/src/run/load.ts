import { availableParallelism } from 'node:os'
import { basename } from 'node:path'
import type { EmbedFn } from '@arcface/evaluate'
import { type nn, setNumThreads } from '@arcface/libtorch'
import type { Config } from '../config/schema.js'
import { buildBackbone } from '../network/build.js'
import { deviceProblem } from '../network/device.js'
import { embedder } from '../network/embed.js'
import { fileOfRun } from './backbone.js'
import { findCheckpoint, readState, weightsFile } from './checkpoint.js'
import { readRun } from './folder.js'
import { loadInto } from './tensors.js'

/** A trained network with the configuration of its run. */
export interface LoadedRun {
  backbone: nn.Module
  config: Config
  classes: string[]
  step: number
}

/**
 * Loads the network of a run, in eval mode: on the device that it was trained on, or on the CPU where that is not here.
 * @param checkpoint `best` (the latest if nothing was verified), `latest`, `step-N`, or a checkpoint's folder
 * @throws TrainError TRAIN_RUN, TRAIN_CHECKPOINT, TRAIN_WEIGHTS
 */
export function loadRun(run: string, { checkpoint = 'best' } = {}): LoadedRun {
  const { config: stored, classes } = readRun(run)
  const folder = findCheckpoint(run, checkpoint)
  const { step } = readState(folder)
  const { train } = stored
  const device = deviceProblem(train.device) === null ? train.device : 'cpu'
  const config = { ...stored, train: { ...train, device } }
  const backbone = buildBackbone(config, fileOfRun(run, config)).eval()
  loadInto(folder, basename(weightsFile(folder)), (weights) => backbone.loadStateDict(weights))
  return { backbone, config, classes, step }
}

/** The network of a run as a function for evaluation. Errors as `loadRun`. */
export async function openRunEmbedder(
  run: string,
  options: { checkpoint?: string } = {},
): Promise<{ embed: EmbedFn; dim: number; close(): Promise<void> }> {
  const { backbone, config } = loadRun(run, options)
  setNumThreads(config.train.threads || availableParallelism())
  return {
    embed: embedder(backbone, config.train),
    dim: config.model.embedding,
    close: async () => backbone.dispose(),
  }
}
