import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { holderOf, type ProcessMark, parseYaml, readRegular } from '@arcface/files'
import { z } from 'zod'

/** Larger ones are none that a training wrote. */
const MOST_BYTES = 1 << 20

/** What is told of a run's configuration, which is the training's own; see its `config/schema.ts`. Older ones lack keys. */
const configSchema = z.looseObject({
  model: z.looseObject({ backbone: z.string() }).optional(),
  loss: z.looseObject({ name: z.string().default('arcface') }).optional(),
  train: z.looseObject({ epochs: z.number().positive() }).optional(),
  verify: z.looseObject({ patience: z.number().default(0) }).optional(),
})
export type RunConfig = z.output<typeof configSchema>

export interface ReadConfig {
  readonly yaml: string
  /** undefined where it is damaged. */
  readonly config: RunConfig | undefined
  readonly problem: string | null
}

/** A run's `config.yaml`; of one that is damaged why. */
export async function readConfig(run: string): Promise<ReadConfig> {
  let yaml = ''
  try {
    yaml = (await readRegular(join(run, 'config.yaml'), MOST_BYTES)).toString()
    const config = configSchema.safeParse(parseYaml(yaml, (why) => new Error(why)))
    if (config.success) return { yaml, config: config.data, problem: null }
    return { yaml, config: undefined, problem: 'config.yaml is none that a training wrote' }
  } catch {
    return { yaml, config: undefined, problem: 'config.yaml is damaged, or cannot be read' }
  }
}

/** What is told of a checkpoint, by its `state.json`; see `run/checkpoint.ts` of the training. */
const checkpointSchema = z.object({
  step: z.int().min(0),
  stepsPerEpoch: z.int().min(1),
  best: z.number().nullish(),
  bestStep: z.int().nullish(),
  score: z.number().nullish(),
  stale: z.int().min(0).default(0),
})
export type CheckpointState = z.output<typeof checkpointSchema>

/** Steps of the checkpoints of a run, the latest first. */
export async function checkpointsOf(run: string): Promise<number[]> {
  const names = await readdir(join(run, 'checkpoints')).catch(() => [])
  return names
    .flatMap((name) => /^step-(\d{1,15})$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => b - a)
}

/** Of one that is not there, or damaged, nothing is known. */
export async function checkpointState(
  run: string,
  step: number,
): Promise<CheckpointState | undefined> {
  try {
    const path = join(run, 'checkpoints', `step-${step}`, 'state.json')
    const text = (await readRegular(path, MOST_BYTES)).toString()
    return checkpointSchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

/** The process that trains a run, where it is one of this machine and container. */
export const trainerOf = (run: string): ProcessMark | undefined => holderOf(join(run, '.lock'))
