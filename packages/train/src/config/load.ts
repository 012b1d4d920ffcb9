import { messageOf, readText } from '@arcface/files'
import { stringify } from 'yaml'
import type { z } from 'zod'
import { didYouMean } from '../by-name.js'
import { TrainError } from '../errors.js'
import { type Config, configSchema } from './schema.js'
import { parseYaml, setIn } from './yaml.js'

/**
 * Reads a YAML configuration and fills in the defaults.
 * @param overrides `key.key=value` each, applied last; the value is YAML
 * @throws TrainError TRAIN_CONFIG naming the key, and the nearest known one for a typo
 */
export function loadConfig(path: string, overrides: readonly string[] = []): Config {
  return checkConfig(readYaml(path, overrides), path)
}

/** What a YAML file says, unchecked. Overrides and errors as `loadConfig`. */
export function readYaml(path: string, overrides: readonly string[] = []): unknown {
  let text: string
  try {
    text = readText(path)
  } catch (cause) {
    throw new TrainError('TRAIN_CONFIG', messageOf(cause), { cause })
  }
  const fail = (where: string) => (why: string, cause?: unknown) =>
    new TrainError('TRAIN_CONFIG', `${where}: ${why}`, { cause })
  let value = parseYaml(text, fail(path))
  for (const override of overrides) {
    const [, key, given] = /^([\w.]+)=(.*)$/s.exec(override) ?? []
    if (key === undefined || given === undefined)
      throw new TrainError('TRAIN_CONFIG', `${override}: write it as key.key=value`)
    const failed = fail(key)
    value = setIn(value, key.split('.'), parseYaml(given, failed), failed)
  }
  return value
}

/** Checks a configuration that is already an object. Errors as `loadConfig`. */
export function checkConfig(value: unknown, path = 'configuration'): Config {
  const result = configSchema.safeParse(value)
  if (result.success) return result.data
  const lines = result.error.issues.slice(0, 5).map(explain)
  throw new TrainError('TRAIN_CONFIG', `${path}: ${lines.join('; ')}`)
}

/** The text that is stored with a run: the configuration with every value. */
export const formatConfig = (config: Config): string => stringify(config)

function explain(issue: z.core.$ZodIssue): string {
  const at = issue.path.join('.')
  if (issue.code !== 'unrecognized_keys') return `${at || 'it'}: ${issue.message}`
  const known = keysAt(issue.path)
  return issue.keys
    .map((key) => `unknown key ${at ? `${at}.` : ''}${key}${didYouMean(key, known)}`)
    .join('; ')
}

/** Keys that the schema knows under a path. */
function keysAt(path: readonly PropertyKey[]): string[] {
  let schema: unknown = configSchema.out
  for (const step of path) {
    schema = inner(schema)
    const { shape, element } = schema as { shape?: Record<string, unknown>; element?: unknown }
    schema = typeof step === 'number' ? element : shape?.[String(step)]
  }
  return Object.keys((inner(schema) as { shape?: object }).shape ?? {})
}

/** A schema without the defaults and nullables around it. */
function inner(schema: unknown): unknown {
  let found = schema as { unwrap?: () => unknown; shape?: object; element?: unknown }
  while (found?.unwrap && !found.shape && !found.element) found = found.unwrap() as typeof found
  return found
}
