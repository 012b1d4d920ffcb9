import { parseDocument } from 'yaml'

/** What a configuration has at most, aliases written out: lists of aliases of lists grow without end. */
const MOST_VALUES = 10_000
const DEEPEST = 50
const LONGEST = 1_000_000

/** Makes the error of who reads. */
export type Fail = (why: string, cause?: unknown) => Error
type Plain = Record<string, unknown>

/**
 * A value written in YAML, as a tree in which nothing is shared: an alias is what it stands for.
 * @param fail makes the error for what is no YAML, refers to itself or is beyond all use
 */
export function parseYaml(text: string, fail: Fail): unknown {
  if (text.length > LONGEST) throw fail(`${text.length} characters are no configuration`)
  let value: unknown
  try {
    const document = parseDocument(text, { stringKeys: true })
    const [syntax] = document.errors
    if (syntax) throw syntax
    value = document.toJS()
  } catch (cause) {
    throw fail(`no YAML: ${(cause as Error).message}`, cause)
  }
  const left = { values: MOST_VALUES }
  const copy = (value: unknown, depth: number): unknown => {
    if (--left.values < 0) throw fail(`it has more than ${MOST_VALUES} values, aliases written out`)
    if (depth > DEEPEST) throw fail(`it nests more than ${DEEPEST} deep, or refers to itself`)
    if (Array.isArray(value)) return value.map((one) => copy(one, depth + 1))
    if (!isPlain(value)) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => [key, copy(one, depth + 1)]),
    )
  }
  return copy(value, 0)
}

/**
 * Puts a value into a tree, and the maps on the way to it where there are none.
 * @param fail makes the error where something on the way has no keys
 * @returns the tree, which is changed; a new one in place of nothing
 */
export function setIn(tree: unknown, keys: readonly string[], value: unknown, fail: Fail): unknown {
  const [key, ...rest] = keys
  if (key === undefined) return value
  const into = tree ?? {}
  if (Array.isArray(into)) {
    if (!/^\d{1,6}$/.test(key) || Number(key) > into.length)
      throw fail(`${key} is no place in a list of ${into.length}`)
    into[Number(key)] = setIn(into[Number(key)], rest, value, fail)
    return into
  }
  if (!isPlain(into)) throw fail(`${JSON.stringify(into).slice(0, 60)} has no ${key}`)
  const old = Object.hasOwn(into, key) ? into[key] : undefined
  return { ...into, [key]: setIn(old, rest, value, fail) }
}

const isPlain = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
