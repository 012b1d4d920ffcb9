import { basename } from 'node:path'
import type { Config } from '../config/schema.js'
import { loadRun } from '../run/load.js'
import { type ExportMetadata, type ExportReport, exportOnnx } from './export.js'

/**
 * Exports the network of a run.
 * @param checkpoint `best`, `latest` or a checkpoint's folder
 * @throws TrainError TRAIN_RUN, TRAIN_CHECKPOINT, TRAIN_EXPORT, TRAIN_DISK_FULL
 */
export function exportRun(
  run: string,
  path: string,
  { checkpoint = 'best' } = {},
): ExportReport & { step: number } {
  const { backbone, config, classes, step } = loadRun(run, { checkpoint })
  try {
    return { ...exportOnnx(backbone, path, describe(config, classes.length, step)), step }
  } finally {
    backbone.dispose()
  }
}

function describe({ model, loss, data }: Config, people: number, step: number): ExportMetadata {
  const { name, scale, margin } = loss
  return {
    backbone: model.backbone,
    loss: name === 'softmax' ? { name } : { name, scale, margin },
    data: { name: data.roots.map((root) => basename(root)).join(' + '), people, step },
  }
}
