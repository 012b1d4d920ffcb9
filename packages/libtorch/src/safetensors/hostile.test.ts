import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { codeOf } from '../numeric.test.support.js'
import { loadSafetensors, readSafetensorsHeader } from './index.js'
import { file } from './safetensors.test.support.js'

const folder = mkdtempSync(join(tmpdir(), 'hostile-'))
afterAll(() => rmSync(folder, { recursive: true }))
const path = join(folder, 'some.safetensors')

describe('a broken file', () => {
  const good = file({ x: { dtype: 'F32', shape: [2], data_offsets: [0, 8] } }, 8)

  it('is named when it is cut off anywhere', () => {
    for (let length = 0; length < good.length; length++) {
      writeFileSync(path, good.subarray(0, length))
      expect(codeOf(() => loadSafetensors(path))).toBe('TORCH_SAFETENSORS')
    }
    writeFileSync(path, good)
    expect(loadSafetensors(path).size).toBe(1)
  })

  const x = (entry: object) => ({ x: { dtype: 'F32', shape: [2], data_offsets: [0, 8], ...entry } })
  const y = (from: number, until: number) => ({
    ...x({}),
    y: { dtype: 'U8', shape: [until - from], data_offsets: [from, until] },
  })
  const hostile: [string, Buffer][] = [
    ['a header beyond the file', file('{}', 0, 3n)],
    ['a header beyond memory', file('{}', 0, 2n ** 64n - 1n)],
    ['a header that ends too early', file({ x: 1 }, 0, 4n)],
    ['no JSON', file('x'.repeat(16))],
    ['a list', file('[]')],
    ['null', file('null')],
    ['an entry that is null', file({ x: null })],
    ['an unknown dtype', file(x({ dtype: 'F7' }), 8)],
    ['a dtype of the prototype', file(x({ dtype: 'constructor' }), 8)],
    ['no shape', file(x({ shape: undefined }), 8)],
    ['a negative side', file(x({ shape: [-1, -2] }), 8)],
    ['a broken side', file(x({ shape: [0.5, 4] }), 8)],
    ['a huge shape', file(x({ shape: [2 ** 52, 2 ** 52] }), 8)],
    [
      'an empty shape with huge sides',
      file(x({ shape: [0, 2 ** 52, 2 ** 52], data_offsets: [0, 0] })),
    ],
    ['no offsets', file(x({ data_offsets: [0] }), 8)],
    ['negative offsets', file(x({ data_offsets: [-8, 0] }), 8)],
    ['offsets the wrong way round', file(x({ data_offsets: [8, 0] }), 8)],
    ['offsets beyond the file', file(x({ data_offsets: [8, 16] }), 8)],
    ['fewer bytes than the shape wants', file(x({ shape: [3] }), 8)],
    ['overlapping offsets', file(y(4, 8), 8)],
    ['bytes that two tensors share', file({ ...x({}), y: x({}).x }, 8)],
    ['a hole', file(y(9, 10), 10)],
    ['bytes behind the last tensor', file(x({}), 9)],
    ['metadata that is no object', file({ __metadata__: null, ...x({}) }, 8)],
    ['metadata that is no text', file({ __metadata__: { step: 1 }, ...x({}) }, 8)],
  ]
  it.each(hostile)('is refused: %s', (_, content) => {
    writeFileSync(path, content)
    expect(codeOf(() => loadSafetensors(path))).toBe('TORCH_SAFETENSORS')
    expect(() => loadSafetensors(path)).toThrow(path)
    expect(codeOf(() => readSafetensorsHeader(path))).toBe('TORCH_SAFETENSORS')
  })

  it('does not end the process when it claims more than memory has', () => {
    const side = 2 ** 41
    writeFileSync(path, file({ x: { dtype: 'U8', shape: [side], data_offsets: [0, side] } }))
    truncateSync(path, readFileSync(path).length + side) // a hole of 2 TiB, no bytes on the disk
    expect(codeOf(() => loadSafetensors(path))).toBe('TORCH_SAFETENSORS')
    rmSync(path)
  })

  it('or none is a coded error', () => {
    expect(codeOf(() => loadSafetensors(join(folder, 'missing')))).toBe('TORCH_FILE')
    expect(codeOf(() => loadSafetensors(folder))).toBe('TORCH_FILE')
    expect(codeOf(() => readSafetensorsHeader(folder))).toBe('TORCH_FILE')
  })
})
