import { checkConfig, formatConfig } from '../config/load.js'
import { withAbsolutePaths } from '../config/paths.js'
import type { Config } from '../config/schema.js'
import { TrainError } from '../errors.js'
import type { CheckpointState } from './checkpoint.js'

/** Without these a checkpoint does not fit, or the steps that follow are those of another run. */
const FIXED = [
  'seed',
  'data.sampler',
  'model.backbone',
  'model.embedding',
  'model.dropout',
  'model.preprocessing',
  'model.unfold',
  'loss',
  'distill.weight',
  'distill.loss',
  'distill.sees',
  'distill.preprocessing',
  'train.batchSize',
  'train.ema',
  'train.keep',
  'train.precision',
]

/**
 * Compares the configuration that a run has now with the one that its checkpoint was saved with.
 * @returns the other keys that differ: the run goes on, but not as the unbroken one
 * @throws TrainError TRAIN_CHECKPOINT naming what must not differ
 */
export function changedKeys(run: string, state: CheckpointState, given: Config): string[] {
  if (state.config === null) return []
  const saved = checkConfig(state.config, `${run}: configuration of the checkpoint`)
  const [before, config] = [withAbsolutePaths(saved), withAbsolutePaths(given)]
  for (const key of FIXED) {
    const [old, now] = [textAt(before, key), textAt(config, key)]
    if (old !== now)
      throw new TrainError(
        'TRAIN_CHECKPOINT',
        `${run}: the checkpoint of step ${state.step} was trained with ${key} ${old}, config.yaml now says ${now}. Put it back, or start a new run.`,
      )
  }
  const keys = ['data', 'optimizer', 'train'].flatMap((part) =>
    Object.keys(config[part as 'data' | 'optimizer' | 'train']).map((key) => `${part}.${key}`),
  )
  return [...keys, 'distill.teacher'].filter((key) => textAt(before, key) !== textAt(config, key))
}

/** Whether a run that was started with `stored` is the one that `wanted` would start here. */
export function isSameRun(stored: Config, wanted: Config): boolean {
  const { train, model } = wanted
  // What `auto` means was decided when the run began.
  const precision = train.precision === 'auto' ? stored.train.precision : train.precision
  // And what the ONNX file said.
  const embedding = model.embedding || stored.model.embedding
  const preprocessing = stored.model.preprocessing && {
    ...stored.model.preprocessing,
    ...model.preprocessing,
  }
  const settled = {
    ...wanted,
    model: { ...model, embedding, preprocessing },
    train: { ...train, precision },
  }
  return formatConfig(withAbsolutePaths(stored)) === formatConfig(withAbsolutePaths(settled))
}

function textAt(config: Config, key: string): string {
  let value: unknown = config
  for (const name of key.split('.')) value = (value as Record<string, unknown> | null)?.[name]
  return JSON.stringify(value) ?? 'nothing'
}
