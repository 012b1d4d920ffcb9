/** What of an issue of zod is told. */
interface Issue {
  readonly code?: string | undefined
  readonly path: readonly PropertyKey[]
  readonly message: string
  readonly keys?: readonly string[]
}

/** Issues that are told at once. */
const MOST = 5
/** Characters of a key that are. */
const LONGEST = 60

/**
 * What is wrong with a configuration, in one line.
 * @param issues of zod
 * @param schema that was parsed by, for the keys that it knows
 * @param didYouMean what follows a key that is unknown, given those that are known
 */
export const explainIssues = (
  issues: readonly Issue[],
  schema: unknown,
  didYouMean: (key: string, known: readonly string[]) => string,
): string =>
  issues
    .slice(0, MOST)
    .map(({ path, message, code, keys = [] }) => {
      const at = path.join('.')
      if (code !== 'unrecognized_keys') return `${at || 'it'}: ${message}`
      const known = keysAt(schema, path)
      return keys
        .slice(0, MOST)
        .map((key) => key.slice(0, LONGEST))
        .map((key) => `unknown key ${at ? `${at}.` : ''}${key}${didYouMean(key, known)}`)
        .join('; ')
    })
    .join('; ')

/** Keys that the schema knows under a path. */
function keysAt(schema: unknown, path: readonly PropertyKey[]): string[] {
  let found: unknown = schema
  for (const step of path) {
    const schema = bareSchema(found)
    found = typeof step === 'number' ? schema?.element : schema?.shape?.[String(step)]
  }
  return Object.keys(bareSchema(found)?.shape ?? {})
}

/** What a schema of zod has of others in it. */
interface Schema {
  readonly unwrap?: () => unknown
  readonly shape?: Readonly<Record<string, unknown>>
  readonly element?: unknown
}

/** A schema without the defaults and nullables around it. */
export function bareSchema(schema: unknown): Schema | undefined {
  let found = schema as Schema | undefined
  while (found?.unwrap && !found.shape && !found.element) found = found.unwrap() as typeof found
  return found
}
