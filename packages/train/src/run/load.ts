import { availableParallelism } from 'node:os'
import type { EmbedFn } from '@arcface/evaluate'
import { type nn, setNumThreads } from '@arcface/libtorch'
import type { Config } from '../config/schema.js'
import { buildBackbone } from '../trainer/build.js'
import { embedder } from '../trainer/network.js'
import { findCheckpoint, loadBackbone, readState } from './checkpoint.js'
import { readRun } from './folder.js'

/** A trained network with the configuration of its run. */
export interface LoadedRun {
  backbone: nn.Module
  config: Config
  classes: string[]
  step: number
}

/**
 * Loads the network of a run, in eval mode.
 * @param checkpoint `best` (the latest if nothing was verified), `latest`, or a checkpoint's folder
 * @throws TrainError TRAIN_RUN, TRAIN_CHECKPOINT
 */
export function loadRun(run: string, { checkpoint = 'best' } = {}): LoadedRun {
  const { config, classes } = readRun(run)
  const folder = findCheckpoint(run, checkpoint)
  const { step } = readState(folder)
  const backbone = buildBackbone(config).eval()
  loadBackbone(folder, backbone)
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
