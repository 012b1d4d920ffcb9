import { join } from 'node:path'
import { readModel } from '@arcface/data/onnx'
import {
  type ArcfaceMetadata,
  getMetadata,
  parseArcfaceMetadata,
  type Thresholds,
} from '@arcface/onnx'
import { checkConfig } from '../config/load.js'
import type { Config, ConfigInput } from '../config/schema.js'
import { exportRun } from '../export/index.js'
import type { TrainResult } from '../trainer/events.js'
import { train } from '../trainer/trainer.js'

/** A small network, two epochs: of 8 people with 6 images each 12 steps of 8. */
export const smallConfig = (
  output: string,
  faces: string,
  more: Partial<ConfigInput> = {},
): Config =>
  checkConfig({
    output,
    data: { roots: [faces] },
    model: { backbone: 'r10-small', embedding: 32, dropout: 0.2 },
    loss: { scale: 16, margin: 0.3 },
    optimizer: { lr: 0.05 },
    train: { epochs: 2, batchSize: 8, threads: 1 },
    ...more,
  })

/** Trains until `step` and interrupts there, as Ctrl-C does. */
export async function trainUntil(config: Config, step: number): Promise<TrainResult> {
  const stop = new AbortController()
  return train(config, {
    signal: stop.signal,
    onStep: (metrics) => {
      if (metrics.step === step) stop.abort()
    },
  })
}

/** Metadata of the ONNX file of a checkpoint. */
export async function exportedMetadata(
  run: string,
  checkpoint: string,
  thresholds?: Thresholds,
): Promise<ArcfaceMetadata> {
  const file = join(run, 'model.onnx')
  exportRun(run, file, { checkpoint, ...(thresholds && { thresholds }) })
  return parseArcfaceMetadata(getMetadata(await readModel(file)), file)!
}
