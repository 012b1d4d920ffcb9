import { realpathSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type Thresholds, thresholdMetadata } from '@arcface/onnx'
import type { Config } from '../config/schema.js'
import { fileOfRun, teacherOfRun } from '../run/backbone.js'
import { findCheckpoint } from '../run/checkpoint.js'
import { runPaths } from '../run/folder.js'
import { loadRun } from '../run/load.js'
import { type VerifyMetrics, verifiedAt } from '../run/metrics.js'
import { type ExportMetadata, type ExportReport, exportOnnx } from './export.js'

/**
 * Exports the network of a run.
 * @param checkpoint `best`, `latest`, `step-N` or a checkpoint's folder
 * @param thresholds to be named in the file; by default what the run's verification has measured of these very weights
 * @throws TrainError TRAIN_RUN, TRAIN_CHECKPOINT, TRAIN_EXPORT, TRAIN_DISK_FULL
 */
export function exportRun(
  run: string,
  path: string,
  { checkpoint = 'best', thresholds }: { checkpoint?: string; thresholds?: Thresholds } = {},
): ExportReport & { step: number } {
  const { backbone, config, classes, step } = loadRun(run, { checkpoint })
  try {
    const metadata = describe(run, config, classes.length, step)
    const named = thresholds ? thresholdMetadata(thresholds) : measuredIn(run, step)
    return { ...exportOnnx(backbone, path, { ...metadata, ...named }), step }
  } finally {
    backbone.dispose()
  }
}

/**
 * Exports the best network of a run beside its weights, where `resolveModel` of @arcface/recognize finds it later.
 * @returns the ONNX file, in the step's own folder
 * @throws as `exportRun`
 */
export function onnxOfRun(run: string): string {
  const checkpoint = realpathSync(findCheckpoint(run, 'best'))
  const path = join(checkpoint, 'model.onnx')
  exportRun(run, path, { checkpoint })
  return path
}

/** What the run's last verification at a step has measured. */
function measuredIn(run: string, step: number): Pick<ExportMetadata, 'thresholds' | 'impostors'> {
  // Of several sets the one whose pairs bear out the smallest FAR, of those the last.
  const borne = ({ thresholds }: VerifyMetrics) => thresholds?.impostors?.smallestFar ?? 1
  const line = verifiedAt(runPaths(run).metrics, step).reduce<VerifyMetrics | undefined>(
    (best, one) => (best !== undefined && borne(best) < borne(one) ? best : one),
    undefined,
  )
  // Older versions knew no more than a few cosines.
  if (line?.thresholds === undefined) return line ? { thresholds: line.thresholdAtFar } : {}
  return line.thresholds === null ? {} : thresholdMetadata(line.thresholds)
}

function describe(run: string, config: Config, people: number, step: number): ExportMetadata {
  const { model, loss, data } = config
  const file = fileOfRun(run, config)
  const teacher = teacherOfRun(run)
  const folders = [...data.roots, ...data.unlabelled]
  return {
    backbone: file ? basename(file.name, '.onnx') : model.backbone,
    ...(file && { base: { name: file.name, sha256: file.sha256 } }),
    ...(teacher && { teacher }),
    loss: plainSettings(loss),
    data: { name: folders.map((folder) => basename(folder)).join(' + '), people, step },
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
