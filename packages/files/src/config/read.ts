import { messageOf } from '../errors.js'
import { readText } from '../read/regular.js'
import { type Fail, parseYaml, setIn } from './yaml.js'

/**
 * What a configuration in YAML says, unchecked.
 * @param overrides `key.key=value` each, applied last; the value is YAML
 * @param fail makes the error for a file that cannot be read or is no YAML, and for an override that is none
 */
export function readYaml(path: string, overrides: readonly string[], fail: Fail): unknown {
  let text: string
  try {
    text = readText(path)
  } catch (cause) {
    throw fail(messageOf(cause), cause)
  }
  const value = parseYaml(text, (why, cause) => fail(`${path}: ${why}`, cause))
  return override(value, overrides, fail)
}

/** A tree with `key.key=value` put into it; see `readYaml`. */
export function override(tree: unknown, overrides: readonly string[], fail: Fail): unknown {
  let value = tree
  for (const one of overrides) {
    const [, key, given] = /^([\w.]+)=(.*)$/s.exec(one) ?? []
    if (key === undefined || given === undefined) throw fail(`${one}: write it as key.key=value`)
    const failed: Fail = (why, cause) => fail(`${key}: ${why}`, cause)
    value = setIn(value, key.split('.'), parseYaml(given, failed), failed)
  }
  return value
}
