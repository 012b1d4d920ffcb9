import description from './generated/description.json'

/** JSON Schema, as far as a configuration has it. */
export interface Node {
  readonly type?: string | readonly string[]
  readonly title?: string
  readonly description?: string
  readonly default?: unknown
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly examples?: readonly string[]
  readonly properties?: Readonly<Record<string, Node>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean
  readonly items?: Node | boolean
  readonly oneOf?: readonly Node[]
  readonly anyOf?: readonly Node[]
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly exclusiveMaximum?: number
  readonly minItems?: number
}

/** What a configuration may hold, as `arcface train --schema` says it. */
export const SCHEMA = description.schema as unknown as Node
/** Commented configurations by the name of their file. */
export const EXAMPLES: Readonly<Record<string, string>> = description.examples

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Of one of several that are told apart by their name: the one that a value names; else the default's. */
export function chosenOf(node: Node, value: unknown): Node {
  if (!node.oneOf) return node
  const { name } = { ...Object(node.default), ...(isObject(value) && value) }
  return node.oneOf.find((one) => one.properties?.name?.const === name) ?? node
}

/** Whether null stands for nothing. */
export const isNullable = ({ type, anyOf }: Node): boolean =>
  type === 'null' || !!(Array.isArray(type) && type.includes('null')) || !!anyOf?.some(isNullable)

export type Fault =
  | { readonly what: 'missing' | 'name' | 'kind' | 'unknown' }
  | { readonly what: 'least' | 'most' | 'above' | 'below' | 'items'; readonly than: number }
  | { readonly what: 'choice'; readonly among: readonly string[] }

/** What of a configuration is wrong, by its keys, `loss.margin`; rules over several keys are the command's. */
export function faultsOf(value: unknown, node: Node = SCHEMA): Map<string, Fault> {
  const found = new Map<string, Fault>()
  look(value, node, '', found)
  return found
}

function look(value: unknown, given: Node, at: string, found: Map<string, Fault>): void {
  const node = chosenOf(given, value)
  const fault = faultOf(value, node)
  if (fault) found.set(at, fault)
  else if (isObject(value) && node.properties) {
    const under = (key: string) => (at === '' ? key : `${at}.${key}`)
    for (const [key, one] of Object.entries(node.properties)) {
      const isGiven = value[key] !== undefined
      // What has a default may be left out, and so may a part that is made of such.
      if (isGiven || needs(one)) look(isGiven ? value[key] : empty(one), one, under(key), found)
    }
    for (const key of Object.keys(value))
      if (!(key in node.properties) && node.additionalProperties === false)
        found.set(under(key), { what: 'unknown' })
  } else if (Array.isArray(value) && typeof node.items === 'object')
    for (const [i, one] of value.entries()) look(one, node.items, `${at}.${i}`, found)
}

/** Whether something in it has to be given. */
const needs = (node: Node): boolean =>
  node.default === undefined &&
  (node.properties ? Object.values(node.properties).some(needs) : node.const === undefined)
const empty = ({ properties }: Node) => (properties ? {} : undefined)

function faultOf(value: unknown, node: Node): Fault | null {
  if (value === undefined) return { what: 'missing' }
  if (node.oneOf) return { what: 'name' }
  if (node.anyOf) {
    if (node.anyOf.some((one) => faultsOf(value, one).size === 0)) return null
    const [first] = node.anyOf
    return (value !== null && first && faultsOf(value, first).get('')) || { what: 'kind' }
  }
  if (node.const !== undefined) return value === node.const ? null : { what: 'kind' }
  if (node.type !== undefined && ![node.type].flat().some((type) => isOf(type as string, value)))
    return { what: 'kind' }
  if (node.enum && !node.enum.includes(value))
    return { what: 'choice', among: node.enum.map(String) }
  if (Array.isArray(value) && value.length < (node.minItems ?? 0))
    return { what: 'items', than: node.minItems! }
  return typeof value === 'number' ? rangeFault(value, node) : null
}

function rangeFault(value: number, node: Node): Fault | null {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = node
  if (minimum !== undefined && value < minimum) return { what: 'least', than: minimum }
  if (maximum !== undefined && value > maximum) return { what: 'most', than: maximum }
  if (exclusiveMinimum !== undefined && value <= exclusiveMinimum)
    return { what: 'above', than: exclusiveMinimum }
  if (exclusiveMaximum !== undefined && value >= exclusiveMaximum)
    return { what: 'below', than: exclusiveMaximum }
  return null
}

function isOf(type: string, value: unknown): boolean {
  if (type === 'null') return value === null
  if (type === 'array') return Array.isArray(value)
  if (type === 'object') return isObject(value)
  if (type === 'integer') return Number.isInteger(value)
  if (type === 'number') return Number.isFinite(value)
  return typeof value === type
}

/** Keys of all fields of a form, `loss.margin`. */
export function pathsOf(value: unknown, given: Node = SCHEMA, at = ''): string[] {
  const node = chosenOf(given, value)
  const own = at === '' ? [] : [at]
  const under = Object.entries(node.properties ?? {}).flatMap(([key, one]) =>
    pathsOf(Object(value)[key], one, at === '' ? key : `${at}.${key}`),
  )
  return [...own, ...under]
}

/** What the command says of keys: `config.yaml: data.roots: name at least one; loss.margin: ...` by key. */
export function saidOf(message: string, paths: readonly string[]): Map<string, string> {
  const places = paths.flatMap((path) => {
    const found = new RegExp(`(?:^|[;:] )(${path.replaceAll('.', '\\.')}): `).exec(message)
    return found ? [{ path, start: found.index, end: found.index + found[0].length }] : []
  })
  places.sort((a, b) => a.start - b.start)
  return new Map(
    places.map(({ path, end }, i) => [path, message.slice(end, places[i + 1]?.start)] as const),
  )
}
