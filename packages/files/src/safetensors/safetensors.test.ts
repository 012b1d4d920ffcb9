import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'
import { InputFile } from '../read/read.js'
import { arrayOver, type Dtype } from './dtype.js'
import { readSafetensorsHeader } from './header.js'
import { safetensorsHead } from './layout.js'

const folder = mkdtempSync(join(tmpdir(), 'safetensors-'))
afterAll(() => rmSync(folder, { recursive: true }))
const path = join(folder, 'some.safetensors')
const read = (bytes: Uint8Array) => {
  writeFileSync(path, bytes)
  using file = new InputFile(path)
  return readSafetensorsHeader(file)
}

/** Bytes of an element, as PyTorch has them. */
const sizes: Record<Dtype, number> = {
  float64: 8,
  int64: 8,
  float32: 4,
  int32: 4,
  float16: 2,
  bfloat16: 2,
  int16: 2,
  int8: 1,
  uint8: 1,
  bool: 1,
}

it('begins with what is read back: every name, dtype and shape, each byte of one tensor', () => {
  const one = fc.record({
    name: fc.oneof(fc.string(), fc.constantFrom('__proto__', 'é"\\\n', '7', '')),
    dtype: fc.constantFrom(...(Object.keys(sizes) as Dtype[])),
    shape: fc.array(fc.nat(4), { maxLength: 4 }),
  })
  const several = fc.uniqueArray(one, { selector: ({ name }) => name, maxLength: 12 })
  fc.assert(
    fc.property(several, fc.dictionary(fc.string(), fc.string()), (wanted, metadata) => {
      const { head, ordered } = safetensorsHead(
        wanted.map((tensor) => [tensor.name, tensor]),
        metadata,
      )
      expect(head.length % 8).toBe(0)
      const bytes = ({ dtype, shape }: (typeof wanted)[number]) =>
        shape.reduce((product, side) => product * side, sizes[dtype])
      const total = ordered.reduce((sum, tensor) => sum + bytes(tensor), 0)
      const header = read(Buffer.concat([head, Buffer.alloc(total)]))
      expect(header.others.size).toBe(0)
      expect(Object.entries(header.metadata).sort()).toEqual(Object.entries(metadata).sort())
      expect(header.tensors.size).toBe(wanted.length)
      let position = head.length
      for (const tensor of ordered) {
        const { start, end, ...described } = header.tensors.get(tensor.name)!
        expect(described).toEqual({ dtype: tensor.dtype, shape: tensor.shape })
        expect([start, end]).toEqual([position, position + bytes(tensor)])
        position = end
      }
    }),
  )
})

it('that is cut anywhere is a coded error, as is what the format cannot hold', () => {
  const { head } = safetensorsHead([['x', { dtype: 'float16', shape: [3] }]])
  const whole = Buffer.concat([head, Buffer.alloc(6)])
  expect(read(whole).tensors.get('x')).toMatchObject({ start: head.length, end: whole.length })
  const refused = expect.objectContaining({ code: 'FILES_SAFETENSORS' })
  for (let length = 0; length < whole.length; length++)
    expect(() => read(whole.subarray(0, length))).toThrow(refused)
  for (const [name, dtype] of [
    ['__metadata__', 'int8'],
    ['x', 'complex64' as Dtype],
  ] as const)
    expect(() => safetensorsHead([[name, { dtype, shape: [1] }]])).toThrow(refused)
})

it('has arrays of the sizes of its dtypes', () => {
  for (const [dtype, size] of Object.entries(sizes))
    expect(arrayOver(dtype as Dtype, new ArrayBuffer(24))).toHaveLength(24 / size)
})
