import { bareSchema, type Fail, parseYaml, setIn } from '@arcface/files'
import { didYouMean } from '@arcface/vision'
import { configSchema } from './schema.js'

const PREFIX = 'ARCFACE_SERVER_'

/** Of every value that is no object: its name in the environment, and its place. */
const PLACES: ReadonlyMap<string, readonly string[]> = new Map(
  placesIn(configSchema, []).map((keys) => [
    PREFIX + keys.map((key) => key.replace(/[A-Z]/g, '_$&').toUpperCase()).join('_'),
    keys,
  ]),
)

/**
 * A configuration with what the environment says put into it: `ARCFACE_SERVER_LIMITS_PHOTO_BYTES=1000000` for
 * `limits.photoBytes`. Values are YAML; of a text that is none they are the text itself.
 * @param fail makes the error for a name that no key has
 */
export function fromEnvironment(tree: unknown, environment: NodeJS.ProcessEnv, fail: Fail) {
  let value = tree
  for (const [name, given] of Object.entries(environment)) {
    if (!name.startsWith(PREFIX) || given === undefined) continue
    const keys = PLACES.get(name)
    if (keys === undefined) {
      // Without what all have in common, or the shortest is near whatever was written.
      const bare = (one: string) => one.slice(PREFIX.length)
      throw fail(`unknown variable ${name}${didYouMean(bare(name), [...PLACES.keys()].map(bare))}`)
    }
    const failed: Fail = (why, cause) => fail(`${name}: ${why}`, cause)
    value = setIn(value, keys, parseYaml(given, failed), failed)
  }
  return value
}

function placesIn(schema: unknown, path: readonly string[]): string[][] {
  const { shape } = bareSchema(schema) ?? {}
  if (shape === undefined) return [[...path]]
  return Object.entries(shape).flatMap(([key, one]) => placesIn(one, [...path, key]))
}
