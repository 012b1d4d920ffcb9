import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { type DType, itemSize } from '../dtype.js'
import { TorchError } from '../errors.js'
import { arange, reshape, t, toDtype, zero_, zeros } from '../generated/ops.js'
import { codeOf, product, values } from '../numeric.test.support.js'
import { tensorOp } from '../op.js'
import { scope, type Tensor, tensor } from '../tensor.js'
import {
  loadSafetensors,
  readSafetensorsHeader,
  saveSafetensors,
  saveSafetensorsAsync,
} from './index.js'
import { file } from './safetensors.test.support.js'

const folder = mkdtempSync(join(tmpdir(), 'safetensors-'))
afterAll(() => rmSync(folder, { recursive: true }))
const path = join(folder, 'some.safetensors')
const bytes = (of: Tensor) => Buffer.from(of.toTypedArray().buffer)

describe('a file', () => {
  it('has the bytes that the format prescribes', () => {
    const a = tensor([1, -2], [2, 1])
    const b = tensor(Uint8Array.of(7), [])
    const c = tensor(BigInt64Array.of(-1n))
    saveSafetensors(path, new Map(Object.entries({ 'x.weight': a, b, c })), { step: '12' })
    const written = readFileSync(path)
    const length = Number(written.readBigUInt64LE())
    expect(length % 8).toBe(0)
    expect(JSON.parse(written.toString('utf8', 8, 8 + length))).toEqual({
      __metadata__: { step: '12' },
      c: { dtype: 'I64', shape: [1], data_offsets: [0, 8] },
      'x.weight': { dtype: 'F32', shape: [2, 1], data_offsets: [8, 16] },
      b: { dtype: 'U8', shape: [], data_offsets: [16, 17] },
    })
    expect(written.subarray(8 + length).toString('hex')).toBe(`${'ff'.repeat(8)}0000803f000000c007`)
  })

  it('is the same when it is written beside other work, which may change the tensors', async () => {
    const tensors = new Map([
      ['none', zeros([0, 3])],
      ['half', tensor(Uint16Array.of(1, 2, 3), [3], { dtype: 'float16' })],
      ['turned', t(tensor([1, 2, 3, 4, 5, 6], [2, 3]))],
      ['b', tensor(Uint8Array.of(7))],
    ])
    saveSafetensors(path, tensors, { step: '12' })
    const wanted = readFileSync(path)
    const written = saveSafetensorsAsync(`${path}.async`, tensors, { step: '12' })
    tensors.get('b')!.asTypedArray()[0] = 8
    await written
    expect(readFileSync(`${path}.async`).equals(wanted)).toBe(true)
    await expect(saveSafetensorsAsync(join(folder, 'no/where'), tensors)).rejects.toMatchObject({
      code: 'TORCH_FILE',
    })
  })

  it('is the same with tensors that are too large to be copied, between others', async () => {
    // 64 MiB and some, as lying and as turned; the order in the file is by name.
    const large = reshape(toDtype(arange(0, 2 ** 24 + 4, 1), 'float32'), [-1, 2])
    const tensors = new Map(
      Object.entries({ a: tensor([1, 2]), b: large, c: tensor([3]), d: t(large), e: tensor([4]) }),
    )
    saveSafetensors(path, tensors)
    const written = saveSafetensorsAsync(`${path}.async`, tensors)
    for (const one of [large, tensors.get('c')!]) zero_(one)
    await written
    expect(readFileSync(`${path}.async`).equals(readFileSync(path))).toBe(true)
  })

  it('equals, byte for byte, what the safetensors package of Python writes', () => {
    const golden = fileURLToPath(
      new URL('../../goldens/generated/all.safetensors', import.meta.url),
    )
    const read = [...loadSafetensors(golden)]
    expect(read).toHaveLength(40)
    const called = (name: string) => read.find((one) => one[0] === name)![1]
    expect(values(called('z.float16'))).toEqual([-4, -1, 2, 5, 8, 11])
    expect(values(called('z.bfloat16'))).toEqual([-4, -1, 2, 5, 8, 11])
    saveSafetensors(path, new Map(read.reverse()), { format: 'pt' })
    expect(readFileSync(path).equals(readFileSync(golden))).toBe(true)
  })

  it('is read by the format, whatever wrote it: no padding, tensors in any order, metadata', () => {
    const header = {
      late: { dtype: 'I16', shape: [2], data_offsets: [3, 7] },
      none: { dtype: 'F64', shape: [0, 5], data_offsets: [3, 3] },
      __metadata__: { format: 'pt' },
      flags: { dtype: 'BOOL', shape: [3], data_offsets: [0, 3] },
    }
    writeFileSync(path, file(header, Buffer.from('010001ff7f0080', 'hex')))
    const read = loadSafetensors(path)
    expect([...read.keys()]).toEqual(['late', 'none', 'flags'])
    expect(values(read.get('late')!)).toEqual([32767, -32768])
    expect(read.get('none')!.shape).toEqual([0, 5])
    expect([values(read.get('flags')!), read.get('flags')!.dtype]).toEqual([[1, 0, 1], 'bool'])
    expect(readSafetensorsHeader(path).metadata).toEqual({ format: 'pt' })
  })

  it('passes over tensors of types that are not known here, and names them', () => {
    const entries = {
      a: { dtype: 'F8_E4M3', shape: [3], data_offsets: [0, 3] },
      b: { dtype: 'U8', shape: [1], data_offsets: [3, 4] },
      c: { dtype: 'F4', shape: [3], data_offsets: [4, 6] },
      d: { dtype: 'C64', shape: [2], data_offsets: [6, 22] },
      e: { dtype: 'U16', shape: [1], data_offsets: [22, 24] },
    }
    writeFileSync(path, file(entries, Buffer.concat([Buffer.of(1, 2, 3, 42), Buffer.alloc(20)])))
    const read = loadSafetensors(path)
    expect([...read.keys()]).toEqual(['b'])
    expect(values(read.get('b')!)).toEqual([42])
    expect([...readSafetensorsHeader(path).others]).toEqual(
      Object.entries(entries).flatMap(([name, { dtype }]) => (name === 'b' ? [] : [[name, dtype]])),
    )
  })

  it('comes back as it was, for every dtype, shape and name', () => {
    const dtypes: DType[] = [
      ...(['float32', 'float64', 'float16', 'bfloat16', 'bool'] as const),
      ...(['int64', 'int32', 'int16', 'int8', 'uint8'] as const),
    ]
    const one = fc.record({
      name: fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('__proto__', 'é"\\\n', '7', '')),
      dtype: fc.constantFrom(...dtypes),
      shape: fc.array(fc.nat(4), { maxLength: 4 }),
      seed: fc.integer(),
    })
    fc.assert(
      fc.property(fc.uniqueArray(one, { selector: ({ name }) => name, maxLength: 12 }), (wanted) =>
        scope(() => {
          const made = wanted.map(({ name, dtype, shape, seed }): [string, Tensor] => {
            const array = tensor([], [0], { dtype }).toTypedArray()
            const raw = Buffer.alloc(product(shape) * itemSize(dtype))
            for (let i = 0; i < raw.length; i++)
              raw[i] = Math.imul(seed + i, 2654435761) >>> (dtype === 'bool' ? 31 : 24)
            const filled = new (array.constructor as Uint8ArrayConstructor)(
              raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.length),
            )
            return [name, tensor(filled, shape, { dtype })]
          })
          saveSafetensors(path, new Map(made))
          const read = loadSafetensors(path)
          expect([...read.keys()].sort()).toEqual(wanted.map(({ name }) => name).sort())
          for (const [name, own] of made) {
            const got = read.get(name)!
            expect([got.dtype, got.shape]).toEqual([own.dtype, own.shape])
            expect(bytes(got).equals(bytes(own))).toBe(true)
          }
        }),
      ),
      { numRuns: 60 },
    )
  })

  it('that was changed is read whole, or ends in a coded error', () => {
    const header = {
      __metadata__: { format: 'pt' },
      a: { dtype: 'F32', shape: [2, 2], data_offsets: [0, 16] },
      b: { dtype: 'I64', shape: [1], data_offsets: [16, 24] },
      none: { dtype: 'U8', shape: [0, 5], data_offsets: [24, 24] },
    }
    const whole = file(header, Buffer.alloc(24, 1))
    // Mostly what means something in a header, to come beyond its parser.
    const byte = fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('0123456789[]{}",:-eFIU')))
    const edits = fc.array(fc.tuple(fc.nat(whole.length - 1), byte), { maxLength: 4 })
    fc.assert(
      fc.property(edits, fc.option(fc.nat(whole.length), { freq: 4 }), (changes, cut) =>
        scope(() => {
          const mutant = Buffer.from(whole)
          for (const [at, value] of changes) mutant[at] = value
          writeFileSync(path, cut === null ? mutant : mutant.subarray(0, cut))
          try {
            for (const one of loadSafetensors(path).values())
              expect(bytes(one).length).toBe(product(one.shape) * itemSize(one.dtype))
          } catch (error) {
            if (!(error instanceof TorchError)) throw error
          }
        }),
      ),
      { numRuns: 1000 },
    )
  })

  it('holds a tensor of any layout row-major', () => {
    saveSafetensors(path, new Map([['turned', t(tensor([1, 2, 3, 4, 5, 6], [2, 3]))]]))
    expect(values(loadSafetensors(path).get('turned')!)).toEqual([1, 4, 2, 5, 3, 6])
  })
})

describe('a failed save', () => {
  const small = new Map([['x', tensor([1, 2, 3])]])
  const gone = zeros([1])
  gone.dispose()

  it('leaves the former file and nothing beside it', () => {
    const inside = mkdtempSync(join(folder, 'save-'))
    const target = join(inside, 'a.safetensors')
    saveSafetensors(target, small)
    const former = readFileSync(target)
    const complex = tensorOp('aten::complex', tensor([1]), tensor([2]))
    for (const [bad, code] of [
      [gone, 'TORCH_DISPOSED'],
      [complex, 'TORCH_ARGUMENT'],
    ] as const)
      expect(codeOf(() => saveSafetensors(target, new Map([...small, ['y', bad]])))).toBe(code)
    expect(readFileSync(target).equals(former)).toBe(true)
    expect(readdirSync(inside)).toEqual(['a.safetensors'])
    expect(codeOf(() => saveSafetensors(join(inside, 'no', 'folder'), small))).toBe('TORCH_FILE')
    mkdirSync(join(inside, 'folder'))
    expect(codeOf(() => saveSafetensors(join(inside, 'folder'), small))).toBe('TORCH_FILE')
    expect(readdirSync(inside)).toEqual(['a.safetensors', 'folder'])
  })

  it('is what a name or metadata beyond the format ends in', () => {
    expect(codeOf(() => saveSafetensors(path, new Map([['__metadata__', tensor([1])]])))).toBe(
      'TORCH_ARGUMENT',
    )
  })

  const disk = mkdtempSync(join(folder, 'disk-'))
  const unmount = () => execFileSync('umount', [disk])
  const canMount = mount(disk)
  if (canMount) unmount()
  it.skipIf(!canMount)('on a full disk says so (skipped unless root may mount a tmpfs)', () => {
    mount(disk)
    try {
      const target = join(disk, 'a.safetensors')
      saveSafetensors(target, small)
      const former = readFileSync(target)
      const large = new Map([['x', zeros([1 << 18])]])
      expect(codeOf(() => saveSafetensors(target, large))).toBe('TORCH_DISK_FULL')
      expect(() => saveSafetensors(target, large)).toThrow(
        `${target} cannot be written: the disk is full`,
      )
      expect(readFileSync(target).equals(former)).toBe(true)
      expect(readdirSync(disk)).toEqual(['a.safetensors'])
    } finally {
      unmount()
    }
  })
})

function mount(at: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', at], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
