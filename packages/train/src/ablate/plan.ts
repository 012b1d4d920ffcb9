import { join } from 'node:path'
import { z } from 'zod'
import { checkConfig, readYaml } from '../config/load.js'
import type { Config } from '../config/schema.js'
import { TrainError } from '../errors.js'

const ablationSchema = z.strictObject({
  /** Every loss is trained once a seed. */
  seeds: z.array(z.int().min(0)).min(1).default([1, 2, 3]),
  /** What takes the place of the configuration's own, above all `loss`; the label names a row of the tables. */
  entries: z.array(z.looseObject({ label: z.string().min(1) })).min(1),
})

/** One training of an ablation; its folder is `config.output`. */
export interface Trial {
  label: string
  seed: number
  config: Config
}

export interface AblationPlan {
  output: string
  labels: string[]
  seeds: number[]
  /** Seed by seed, so that an ablation cut short has compared all losses. */
  trials: Trial[]
}

type Plain = Record<string, unknown>

/**
 * Reads an ablation: a training configuration with a part `ablation`.
 * @throws TrainError TRAIN_CONFIG, for every entry before the first is trained
 */
export function loadAblation(path: string, overrides: readonly string[] = []): AblationPlan {
  const { ablation, ...base } = (readYaml(path, overrides) ?? {}) as Plain
  const parsed = ablationSchema.safeParse(ablation)
  if (!parsed.success)
    throw new TrainError(
      'TRAIN_CONFIG',
      `${path}: ${parsed.error.issues.map((issue) => `${['ablation', ...issue.path].join('.')}: ${issue.message}`).join('; ')}`,
    )
  const { seeds, entries } = parsed.data
  const labels = entries.map(({ label }) => label)
  const folders = labels.map(slug)
  if (new Set(folders).size < folders.length)
    throw new TrainError('TRAIN_CONFIG', `${path}: two entries of the ablation have one label`)
  const { output } = checkConfig(base, path)
  const trials = seeds.flatMap((seed) =>
    entries.map(({ label, ...own }, i) => {
      const folder = join(output, `${folders[i]}-seed-${seed}`)
      const merged = { ...merge(base, own), seed, output: folder }
      return { label, seed, config: checkConfig(merged, `${path}, entry "${label}"`) }
    }),
  )
  return { output, labels, seeds, trials }
}

const isPlain = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** `own` over `base`, key by key; a loss is replaced as a whole, its keys being its own. */
function merge(base: Plain, own: Plain): Plain {
  const merged = { ...base }
  for (const [key, value] of Object.entries(own)) {
    const old = merged[key]
    merged[key] = key !== 'loss' && isPlain(old) && isPlain(value) ? merge(old, value) : value
  }
  return merged
}

const slug = (label: string): string =>
  label
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
