import type { Schema, SchemaArgument } from '../native.js'

/** One line of `operators.txt`. */
export interface Wanted {
  operator: string
  name: string
}

export function parseManifest(text: string): Wanted[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => {
      const [operator = '', name = ''] = line.trim().split(/\s+/)
      return { operator, name }
    })
}

const reserved = new Set(['default', 'function', 'in', 'with', 'eval', 'arguments', 'var'])

function identifier(name: string): string {
  const camel = name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
  return reserved.has(camel) ? `${camel}_` : camel
}

const plain: Record<string, string> = {
  int: 'number',
  SymInt: 'number',
  float: 'number',
  bool: 'boolean',
  str: 'string',
  number: 'number | boolean',
  Scalar: 'number | boolean',
  Device: 'string',
  Layout: 'string',
  ScalarType: 'DType',
  MemoryFormat: 'MemoryFormat',
  Generator: 'Generator',
}

interface Typed {
  type: string
  /** How the wrapper hands the value to the dispatcher. */
  pass: (value: string) => string
}

/** TypeScript's type of an argument. `other` takes a plain number too, as in PyTorch. */
function typed({ name, type, realType, size }: SchemaArgument): Typed {
  const shown = named(name, /^int\??$/.test(type) ? realType : type)
  const optional = shown.endsWith('?')
  const inner = optional ? shown.slice(0, -1) : shown
  const nothing = optional ? ' | null' : ''
  if (inner === 'Tensor') {
    if (name === 'other')
      return {
        type: 'Tensor | number',
        pass: (v) => `typeof ${v} === 'number' ? ${v} : ${v}.handle`,
      }
    return {
      type: `Tensor${nothing}`,
      pass: (v) => (optional ? `${v} ? ${v}.handle : ${v}` : `${v}.handle`),
    }
  }
  if (inner === 'Tensor[]')
    return { type: 'readonly Tensor[]', pass: (v) => `${v}.map((one) => one.handle)` }
  const simple = plain[inner.replace('[]', '')]
  if (!simple) throw new Error(`no TypeScript type for ${type} (${name})`)
  if (inner.endsWith('[]')) {
    const list = size > 0 ? `${simple} | readonly ${simple}[]` : `readonly ${simple}[]`
    return { type: list + nothing, pass: (v) => `${v} as Raw` }
  }
  if (simple === 'Generator') return { type: simple + nothing, pass: (v) => `${v}?.handle` }
  return { type: simple + nothing, pass: (v) => v }
}

/** libtorch 1.13 shows dtypes, layouts and memory formats as integers; their names are fixed. */
function named(name: string, type: string): string {
  const real = { dtype: 'ScalarType', memory_format: 'MemoryFormat', layout: 'Layout' }[name]
  return real ? type.replace('int', real) : type
}

function returned(schema: Schema): Typed {
  const types = schema.returns.map(({ type }): Typed => {
    if (type === 'Tensor') return { type: 'Tensor', pass: (v) => `wrap(${v})` }
    if (type === 'Tensor[]') return { type: 'Tensor[]', pass: (v) => `wrapAll(${v})` }
    const simple = plain[type]
    if (!simple) throw new Error(`no TypeScript type for a result of ${type}`)
    return { type: simple, pass: (v) => `${v} as ${simple}` }
  })
  const [only] = types
  if (!only) return { type: 'void', pass: (v) => v }
  if (types.length === 1) return only
  return {
    type: `[${types.map((one) => one.type).join(', ')}]`,
    pass: (v) =>
      `((r: Raw[]) => [${types.map((one, i) => one.pass(`r[${i}]`)).join(', ')}])(${v} as Raw[]) as [${types.map((one) => one.type).join(', ')}]`,
  }
}

function wrapper({ operator, name }: Wanted, schema: Schema): string {
  const args = schema.arguments.map((argument) => ({
    ...argument,
    ...typed(argument),
    id: identifier(argument.name),
  }))
  const lastRequired = args.findLastIndex((one) => !one.hasDefault)
  const parameters = args.map((one, i) =>
    !one.hasDefault
      ? `${one.id}: ${one.type}`
      : i > lastRequired
        ? `${one.id}?: ${one.type}`
        : `${one.id}: ${one.type} | undefined`,
  )
  const passed = args.map((one) => {
    const value = one.pass(one.id)
    return one.hasDefault && /^\w+\.(handle|map)/.test(value) ? value.replace('.', '?.') : value
  })
  const first = args[0]
  const inPlace = first?.writes === true && first.id === 'self'
  const called = `invoke(o_${name}, ${passed.join(', ')})`
  const result = returned(schema)
  const head = `/** \`${schema.text}\` */\n`
  const declared = `const o_${name} = operator('${operator}')\n`
  if (inPlace && result.type === 'Tensor')
    return `${declared}${head}export function ${name}(${parameters.join(', ')}): Tensor {\n  ${called}\n  return self\n}\n`
  const body = result.type === 'void' ? called : `return ${result.pass(called)}`
  return `${declared}${head}export function ${name}(${parameters.join(', ')}): ${result.type} {\n  ${body}\n}\n`
}

/** The text of `generated/ops.ts` for the operators of a manifest, by the schemas of libtorch `version`. */
export function generate(
  wanted: readonly Wanted[],
  schemaOf: (name: string) => Schema,
  version: string,
): string {
  const imports = [
    `// Generated from the schemas of libtorch ${version} by "npm run generate -w @arcface/libtorch". Do not edit.`,
    "import type { DType, MemoryFormat } from '../dtype.js'",
    "import type { Raw } from '../native.js'",
    "import { invoke, operator } from '../operator.js'",
    "import type { Generator } from '../random.js'",
    "import { type Tensor, wrap, wrapAll } from '../tensor.js'",
    '',
  ]
  return [...imports, ...wanted.map((one) => wrapper(one, schemaOf(one.operator)))].join('\n')
}
