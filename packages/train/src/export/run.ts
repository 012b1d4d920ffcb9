import { basename } from 'node:path'
import type { Config } from '../config/schema.js'
import { runPaths } from '../run/folder.js'
import { loadRun } from '../run/load.js'
import { isVerify, readMetrics } from '../run/metrics.js'
import { type ExportMetadata, type ExportReport, exportOnnx } from './export.js'

/**
 * Exports the network of a run.
 * @param checkpoint `best`, `latest`, `step-N` or a checkpoint's folder
 * @throws TrainError TRAIN_RUN, TRAIN_CHECKPOINT, TRAIN_EXPORT, TRAIN_DISK_FULL
 */
export function exportRun(
  run: string,
  path: string,
  { checkpoint = 'best' } = {},
): ExportReport & { step: number } {
  const { backbone, config, classes, step } = loadRun(run, { checkpoint })
  try {
    // What was measured of these very weights.
    const measured = readMetrics(runPaths(run).metrics).findLast(
      (line) => isVerify(line) && line.step === step,
    )
    const thresholds = measured && isVerify(measured) ? measured.thresholdAtFar : undefined
    const metadata = describe(config, classes.length, step)
    return {
      ...exportOnnx(backbone, path, { ...metadata, ...(thresholds && { thresholds }) }),
      step,
    }
  } finally {
    backbone.dispose()
  }
}

function describe({ model, loss, data }: Config, people: number, step: number): ExportMetadata {
  return {
    backbone: model.backbone,
    loss: plainSettings(loss),
    data: { name: data.roots.map((root) => basename(root)).join(' + '), people, step },
  }
}

/** The loss's name and the settings that are plain values: metadata holds no objects. */
function plainSettings({ name, ...settings }: Config['loss']): ExportMetadata['loss'] {
  const plain = Object.entries(settings).filter(
    (entry): entry is [string, string | number | boolean] =>
      ['string', 'number', 'boolean'].includes(typeof entry[1]),
  )
  return { name, ...Object.fromEntries(plain) }
}
