import { z } from 'zod'
import { listBackbones } from '../backbones/registry.js'
import { trainedLosses } from '../losses/registry.js'
import { examples } from './generated/examples.js'
import { configSchema } from './schema.js'

/** JSON Schema of draft 2020-12, as far as a form needs it. */
export interface JsonSchema {
  readonly [key: string]: unknown
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly description?: string
}

export interface ConfigDescription {
  /** Of a configuration with every value, with defaults; `loss` is one of several, by its `name`. */
  readonly schema: JsonSchema
  /** Commented configurations by the name of their file in `examples/`; `reference.yaml` has every key. */
  readonly examples: Readonly<Record<string, string>>
}

/** What a configuration may hold, for forms: made of the schema that checks it, with the words of `examples/reference.yaml`. */
export function describeConfig(): ConfigDescription {
  const options = { io: 'output', unrepresentable: 'any', reused: 'inline' } as const
  const whole = z.toJSONSchema(configSchema, options) as JsonSchema
  const { $schema: _, ...bare } = whole
  const losses = trainedLosses.map(({ name, schema }) => {
    const { $schema: _, ...loss } = z.toJSONSchema(schema, options)
    return { title: name, ...loss }
  })
  const model = bare.properties!.model!
  const backbone = { ...model.properties!.backbone, examples: listBackbones() }
  const properties = {
    ...bare.properties,
    model: { ...model, properties: { ...model.properties, backbone } },
    loss: { default: { name: 'arcface' }, oneOf: losses },
  }
  return { schema: described({ ...bare, properties }, comments()), examples }
}

/** The comments of the reference by the path of their key. */
function comments(): Map<string, string> {
  const found = new Map<string, string>()
  const path: { depth: number; key: string }[] = []
  for (const line of examples['reference.yaml']!.split('\n')) {
    const [, space, key, rest] = /^( *)(\w+):(.*)$/.exec(line) ?? []
    if (key === undefined) continue
    while (path.length > 0 && path.at(-1)!.depth >= space!.length) path.pop()
    path.push({ depth: space!.length, key })
    const comment = /(?:^| )# (.+)$/.exec(rest!)?.[1]
    if (comment !== undefined) found.set(path.map(({ key }) => key).join('.'), comment)
  }
  return found
}

function described(schema: JsonSchema, words: ReadonlyMap<string, string>, path = ''): JsonSchema {
  const description = words.get(path)
  const inner = (of: JsonSchema): JsonSchema => {
    if (of.oneOf) return { ...of, oneOf: (of.oneOf as JsonSchema[]).map(inner) }
    if (!of.properties) return of
    const each = Object.entries(of.properties).map(([key, value]) => [
      key,
      described(value, words, path === '' ? key : `${path}.${key}`),
    ])
    return { ...of, properties: Object.fromEntries(each) }
  }
  return { ...inner(schema), ...(description !== undefined && { description }) }
}
