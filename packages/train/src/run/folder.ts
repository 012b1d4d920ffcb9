import { existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import {
  isDiskFull,
  makeFolder,
  type OutputOptions,
  readText,
  writeWhole as writeFile,
} from '@arcface/files'
import { checkConfig, formatConfig, readYaml } from '../config/load.js'
import type { Config } from '../config/schema.js'
import { TrainError } from '../errors.js'
import { bytesOf, type EmbedderFile } from '../network/embedder-file.js'

/** Where the parts of a run lie. */
export const runPaths = (run: string) => ({
  config: join(run, 'config.yaml'),
  classes: join(run, 'classes.json'),
  backbone: join(run, 'backbone.onnx'),
  origin: join(run, 'backbone.json'),
  metrics: join(run, 'metrics.jsonl'),
  taught: join(run, 'teacher.json'),
  teacher: join(run, 'teacher.safetensors'),
  checkpoints: join(run, 'checkpoints'),
  report: join(run, 'report.html'),
  pictures: join(run, 'pictures'),
})

/**
 * Makes the folder of a new run.
 * @param file what its backbone is made of, if it is an ONNX graph: kept, so that the run needs no other
 * @throws TrainError TRAIN_RUN if it holds a run already, TRAIN_WEIGHTS
 */
export function createRun(
  run: string,
  config: Config,
  classes: readonly string[],
  file: EmbedderFile | null = null,
): void {
  const paths = runPaths(run)
  if (existsSync(paths.config))
    throw new TrainError('TRAIN_RUN', `${run} holds a run already.`, {
      hint: 'Resume it, or choose another folder as output.',
    })
  makeFolder(paths.checkpoints)
  if (file) {
    writeWhole(paths.backbone, bytesOf(file), { isPrivate: true })
    writeWhole(paths.origin, JSON.stringify({ name: file.name, sha256: file.sha256 }))
  }
  // The configuration last: with it the folder is a run, and can be resumed.
  writeWhole(paths.classes, JSON.stringify(classes))
  writeWhole(paths.config, formatConfig(config))
}

/** Values that a run may go on with in place of its own: they decide neither what a step does nor on what. */
const CHANGEABLE = ['verify', 'checkpoint', 'train.epochs', 'train.device', 'train.microBatch']

/**
 * The configuration that a run was started with.
 * @param changes `key.key=value` each, for those values that a run may go on with in place of its own
 * @throws TrainError TRAIN_RUN; TRAIN_CONFIG for another key
 */
export function readRun(
  run: string,
  changes: readonly string[] = [],
): { config: Config; classes: string[] } {
  const paths = runPaths(run)
  for (const change of changes) checkChange(change)
  try {
    statSync(paths.config)
    return {
      config: checkConfig(readYaml(paths.config, changes), paths.config),
      classes: JSON.parse(readText(paths.classes)) as string[],
    }
  } catch (cause) {
    if (cause instanceof TrainError) throw cause
    throw new TrainError('TRAIN_RUN', `${run} is no run folder (${(cause as Error).message}).`, {
      cause,
      hint: 'Name the folder that a training wrote.',
    })
  }
}

function checkChange(change: string): void {
  const [key = ''] = change.split('=')
  if (CHANGEABLE.some((one) => key === one || key.startsWith(`${one}.`))) return
  throw new TrainError(
    'TRAIN_CONFIG',
    `${key}: a run goes on with the ${key} that it has; only ${CHANGEABLE.join(', ')} can be others.`,
    { hint: `Start a new run for another ${key}.` },
  )
}

/** As `writeWhole` of @arcface/files, for what belongs to a run. @throws TRAIN_DISK_FULL, FilesError FILES_WRITE */
export function writeWhole(
  path: string,
  data: Uint8Array | string,
  options: OutputOptions = {},
): void {
  try {
    writeFile(path, data, options)
  } catch (cause) {
    throw writeError(path, cause)
  }
}

/** The coded error for a failed write: of a full disk this room's own, else what was thrown. */
export function writeError(path: string, cause: unknown): unknown {
  if (isDiskFull(cause) || (cause as { code?: unknown })?.code === 'TORCH_DISK_FULL')
    return new TrainError(
      'TRAIN_DISK_FULL',
      `${dirname(path)}: the disk is full. Free some space and resume the run; earlier checkpoints are untouched.`,
      { cause },
    )
  return cause
}
