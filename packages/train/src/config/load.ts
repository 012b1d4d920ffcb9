import { explainIssues, type Fail, readYaml as read } from '@arcface/files'
import { didYouMean } from '@arcface/vision'
import { stringify } from 'yaml'
import { TrainError } from '../errors.js'
import { type Config, configSchema } from './schema.js'

const fail: Fail = (why, cause) => new TrainError('TRAIN_CONFIG', why, { cause })

/**
 * Reads a YAML configuration and fills in the defaults.
 * @param overrides `key.key=value` each, applied last; the value is YAML
 * @throws TrainError TRAIN_CONFIG naming the key, and the nearest known one for a typo
 */
export function loadConfig(path: string, overrides: readonly string[] = []): Config {
  return checkConfig(readYaml(path, overrides), path)
}

/** What a YAML file says, unchecked. Overrides and errors as `loadConfig`. */
export const readYaml = (path: string, overrides: readonly string[] = []): unknown =>
  read(path, overrides, fail)

/** Checks a configuration that is already an object. Errors as `loadConfig`. */
export function checkConfig(value: unknown, path = 'configuration'): Config {
  const result = configSchema.safeParse(value)
  if (result.success) return result.data
  const why = explainIssues(result.error.issues, configSchema.out, didYouMean)
  throw fail(`${path}: ${why}`)
}

/** The text that is stored with a run: the configuration with every value. */
export const formatConfig = (config: Config): string => stringify(config)
