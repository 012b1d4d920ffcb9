import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as generated from '../generated/ops.js'
import { loadKernels } from '../kernels.js'
import { native, type Schema, type SchemaArgument } from '../native.js'
import { generate, parseManifest } from './generate.js'

loadKernels()
const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')
const manifest = parseManifest(read('operators.txt'))
const committed = read('../generated/ops.ts')
const version = /^\/\/ Generated from the schemas of libtorch (\S+) /.exec(committed)?.[1]

describe('the generated wrappers', () => {
  it.skipIf(native.version !== version)(
    `are what the schemas give (skipped on another libtorch than ${version}: this is ${native.version})`,
    () => {
      expect(generate(manifest, native.schema, native.version)).toBe(committed)
    },
  )

  it('say of which libtorch they are', () => {
    expect(version).toMatch(/^\d+\.\d+\.\d+/)
  })

  it('are those of the manifest, whose operators this libtorch has', () => {
    expect(Object.keys(generated).sort()).toEqual(manifest.map(({ name }) => name).sort())
    const known = new Set(native.operatorNames())
    const unknown = manifest.filter(({ operator }) => !known.has(operator))
    expect(unknown).toEqual([])
  })
})

describe('parseManifest', () => {
  it('reads lines of an operator and a name, past comments and empty lines', () => {
    expect(parseManifest('# words\n\naten::abs abs\n  aten::add.Tensor   add \n')).toEqual([
      { operator: 'aten::abs', name: 'abs' },
      { operator: 'aten::add.Tensor', name: 'add' },
    ])
  })
})

describe('generate', () => {
  const argument = (type: string, name: string, more: Partial<SchemaArgument> = {}) => ({
    ...{ name, type, realType: type, hasDefault: false, writes: false, size: 0 },
    ...more,
  })
  const wrapper = (args: SchemaArgument[], returns: string[]) => {
    const schema: Schema = {
      text: 'x::y(...)',
      arguments: args,
      returns: returns.map((type) => argument(type, '')),
    }
    const text = generate([{ operator: 'x::y', name: 'y' }], () => schema, '9')
    return text.slice(text.indexOf('const o_y'))
  }
  const self = argument('Tensor', 'self')

  it('names the operator, its schema, and passes handles', () => {
    expect(wrapper([self, argument('Tensor?', 'weight')], ['Tensor'])).toBe(
      `const o_y = operator('x::y')
/** \`x::y(...)\` */
export function y(self: Tensor, weight: Tensor | null): Tensor {
  return wrap(invoke(o_y, self.handle, weight ? weight.handle : weight))
}
`,
    )
  })

  const signatures: [string, SchemaArgument[], string[], string][] = [
    ['snake case', [argument('int', 'output_size')], [], 'y(outputSize: number): void'],
    ['a reserved word', [argument('bool', 'default')], [], 'y(default_: boolean): void'],
    [
      'a number for a list of fixed length',
      [argument('int[]', 'dim', { size: 2 })],
      [],
      'y(dim: number | readonly number[]): void',
    ],
    ['a free list', [argument('float[]', 'scales')], [], 'y(scales: readonly number[]): void'],
    [
      'a number for the other tensor',
      [argument('Tensor', 'other')],
      [],
      'y(other: Tensor | number): void',
    ],
    [
      'lists of tensors',
      [argument('Tensor[]', 'tensors')],
      ['Tensor[]'],
      'y(tensors: readonly Tensor[]): Tensor[]',
    ],
    ['several results', [self], ['Tensor', 'int'], 'y(self: Tensor): [Tensor, number]'],
    [
      'defaults at the end',
      [self, argument('int', 'dim', { hasDefault: true })],
      [],
      'y(self: Tensor, dim?: number): void',
    ],
    [
      'a default before what is needed',
      [argument('int', 'a', { hasDefault: true }), argument('int', 'b')],
      [],
      'y(a: number | undefined, b: number): void',
    ],
    [
      'a dtype that 1.13 calls an integer',
      [argument('int?', 'dtype')],
      [],
      'y(dtype: DType | null): void',
    ],
  ]
  it.each(signatures)('has a type for %s', (_, args, returns, signature) => {
    expect(wrapper(args, returns)).toContain(`export function ${signature} {`)
  })

  it('gives the tensor itself again in place', () => {
    const text = wrapper([{ ...self, writes: true }], ['Tensor'])
    expect(text).toContain('{\n  invoke(o_y, self.handle)\n  return self\n}')
  })

  it('stops at a type that it does not know', () => {
    expect(() => wrapper([argument('Stream', 'stream')], [])).toThrow(/Stream.*stream/)
    expect(() => wrapper([self], ['Future'])).toThrow(/Future/)
  })
})
