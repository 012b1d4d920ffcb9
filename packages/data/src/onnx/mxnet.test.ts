import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeModel, encodeModel } from '@arcface/onnx'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DataError } from '../errors.js'
import type { Weights } from '../weights/tensor.js'
import { mxnetToOnnx } from './mxnet.js'

// What a network computes is tested where ONNX Runtime runs it: `arcface data convert`.

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'arcface-mxnet-'))
})
afterAll(() => rmSync(dir, { recursive: true }))

const node = (op: string, name: string, inputs: number[], attrs: Record<string, string> = {}) => ({
  op,
  name,
  attrs,
  inputs: inputs.map((from) => [from, 0, 0]),
})
const symbol = JSON.stringify({
  nodes: [
    node('null', 'data', []),
    node('_mul_scalar', 'scaled', [0], { scalar: '0.5' }),
    node('null', 'w', []),
    node('Convolution', 'conv', [1, 2], { kernel: '(3, 3)', num_group: '1', no_bias: 'True' }),
    node('null', 'gamma', []),
    node('null', 'beta', []),
    node('null', 'mean', []),
    node('null', 'var', []),
    node('BatchNorm', 'bn', [3, 4, 5, 6, 7], { eps: '2e-05', fix_gamma: 'True' }),
    node('LeakyReLU', 'relu', [8, 4], { act_type: 'prelu' }),
    node('Flatten', 'flat', [9]),
    node('null', 'v', []),
    node('FullyConnected', 'fc', [10, 11], { num_hidden: '2', no_bias: 'True' }),
  ],
  heads: [[12, 0, 0]],
})
const weight = (...shape: number[]) => ({
  dtype: 'float32' as const,
  shape,
  data: new Float32Array(shape.reduce((size, one) => size * one)),
})
const weights: Weights = new Map([
  ['arg:w', weight(4, 3, 3, 3)],
  ...['arg:gamma', 'arg:beta', 'aux:mean', 'aux:var'].map((name) => [name, weight(4)] as const),
  ['arg:v', weight(2, 4 * 110 * 110)],
])
const read = (text: string | Uint8Array) => {
  writeFileSync(join(dir, 'x-symbol.json'), text)
  return mxnetToOnnx(join(dir, 'x-symbol.json'), weights)
}

describe('a symbol file', () => {
  it('becomes a model with one output', () => {
    const { graph } = read(symbol)
    expect(graph?.output.map(({ name }) => name)).toEqual(['embedding'])
    expect(graph?.node.map(({ opType }) => opType)).toContain('BatchNormalization')
  })

  it('with a number beyond float32 is refused', () => {
    for (const [from, to] of [
      ['2e-05', '2e39'],
      ['"0.5"', '"-4e38"'],
    ] as const)
      expect(() => read(symbol.replace(from, to))).toThrow(DataError)
  })

  it('that was changed becomes a model or a coded error', () => {
    const original = Buffer.from(symbol)
    const byte = fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('0123456789[]{}",:-')))
    const edits = fc.array(fc.tuple(fc.nat(original.length - 1), byte), { maxLength: 3 })
    fc.assert(
      fc.property(edits, (changes) => {
        const bytes = Buffer.from(original)
        for (const [at, value] of changes) bytes[at] = value
        try {
          const { graph } = decodeModel(encodeModel(read(bytes)), 'x')
          expect(graph?.output).toHaveLength(1)
        } catch (error) {
          if (!(error instanceof DataError)) throw error
        }
      }),
      { numRuns: 500 },
    )
  })

  it.each([
    ['eps', '2e-05', '2e+999'],
    ['kernel', '(3, 3)', '(9999999, 3)'],
  ])('names a node whose %s is no such number', (key, from, to) => {
    expect(() => read(symbol.replace(from, to))).toThrow(new RegExp(`(conv|bn) has ${key} `))
  })

  it('of any JSON is a coded error', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(() => read(text)).toThrow(expect.objectContaining({ code: 'DATA_WEIGHTS' }))
      }),
    )
  })
})
