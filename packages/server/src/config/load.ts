import { homedir } from 'node:os'
import { join } from 'node:path'
import { explainIssues, type Fail, override, readYaml } from '@arcface/files'
import { didYouMean } from '@arcface/vision'
import { stringify } from 'yaml'
import { ServerError } from '../errors.js'
import { fromEnvironment } from './environment.js'
import { configSchema, type ServerConfig } from './schema.js'

const fail: Fail = (why, cause) => new ServerError('SERVER_CONFIG', why, { cause })

export interface ConfigSource {
  /** A YAML file. */
  readonly path?: string | undefined
  /** `key.key=value` each; the value is YAML. They go before the environment, and that before the file. */
  readonly overrides?: readonly string[]
  readonly environment?: NodeJS.ProcessEnv
}

/**
 * The configuration with every value.
 * @throws ServerError SERVER_CONFIG naming the key, and the nearest known one for a typo
 */
export function loadConfig({
  path,
  overrides = [],
  environment = process.env,
}: ConfigSource = {}): ServerConfig {
  const file = path === undefined ? {} : (readYaml(path, [], fail) ?? {})
  const value = override(fromEnvironment(file, environment, fail), overrides, fail)
  return checkConfig(value, path, file)
}

/** Checks a configuration that is already an object. @param file what of it is from there. Errors as `loadConfig`. */
export function checkConfig(value: unknown, path = 'configuration', file = value): ServerConfig {
  const result = configSchema.safeParse(value)
  if (result.success) return result.data
  const where = value !== file && configSchema.safeParse(file).success ? BESIDE : path
  throw fail(`${where}: ${explainIssues(result.error.issues, configSchema, didYouMean)}`)
}

const BESIDE = 'environment or --set'

/** What `--print-config` prints: every value, secrets left out. */
export function formatConfig(config: ServerConfig): string {
  const storage = Object.fromEntries(
    Object.entries(config.storage).map(([key, value]) => [
      key,
      /secret|token|key|password/i.test(key) ? '***' : value,
    ]),
  )
  return stringify({ ...config, storage })
}

/** The folder of a server that names none. */
export const dataFolder = ({ data }: Pick<ServerConfig, 'data'>): string =>
  data ?? join(process.env.XDG_DATA_HOME ?? join(homedir(), '.local/share'), 'arcface')

/** Where its galleries lie. */
export const galleriesOf = (config: Pick<ServerConfig, 'data' | 'galleries'>): string =>
  config.galleries ?? join(dataFolder(config), 'galleries')

/** Where its audit log lies. */
export const auditOf = (config: Pick<ServerConfig, 'data' | 'audit'>): string =>
  config.audit.folder ?? join(dataFolder(config), 'audit')

/** What signs receipts of erasures. */
export const receiptKeyOf = (config: Pick<ServerConfig, 'data' | 'retention'>): string =>
  config.retention.receiptKey ?? join(dataFolder(config), 'receipts.pem')

/** Where receipts lie that nobody waited for. */
export const receiptsOf = (config: Pick<ServerConfig, 'data'>): string =>
  join(dataFolder(config), 'receipts')

/** The folder that the studio sees. */
export const workspaceOf = (config: Pick<ServerConfig, 'data' | 'workspace'>): string =>
  config.workspace.folder ?? join(dataFolder(config), 'workspace')

/** Where files lie that come in or go out, and are nobody's afterwards. */
export const temporaryOf = (config: Pick<ServerConfig, 'data'>): string =>
  join(dataFolder(config), 'temporary')

/** Where its keys lie. */
export const keysOf = (config: Pick<ServerConfig, 'data' | 'keys'>): string =>
  config.keys ?? join(dataFolder(config), 'keys.json')
