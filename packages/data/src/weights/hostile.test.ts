import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { OutputFile, StoredZip } from '@arcface/files'
import { describe, expect, it } from 'vitest'
import { readBin } from '../pairs/read-bin.js'
import { readParams } from './mxnet.js'
import { readTorch } from './torch.js'

const room = mkdtempSync(join(tmpdir(), 'weights-hostile-'))

function file(name: string, ...parts: (string | Buffer)[]): string {
  const path = join(room, name)
  writeFileSync(path, Buffer.concat(parts.map((part) => Buffer.from(part as string, 'latin1'))))
  return path
}

const u32 = (...values: number[]) => Buffer.from(Uint32Array.from(values).buffer)
const u64 = (...values: bigint[]) => Buffer.from(BigUint64Array.from(values).buffer)
const text = (value: string) => `X${u32(value.length).toString('latin1')}${value}`

/** A file of torch.save before 1.6 with one storage of two floats, 1 and 2, and `value` as its dict. */
const older = (name: string, value: string): string =>
  file(
    name,
    '\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.',
    `\x80\x02}${text('little_endian')}\x88s.\x80\x02}${text('w')}${value}\x80\x02]${text('0')}a.`,
    u64(2n),
    Buffer.from(Float32Array.of(1, 2).buffer),
  )

/** A tensor over the storage; shape and strides are pieces of pickle. */
const tensor = (shape: string, strides: string): string =>
  `ctorch._utils\n_rebuild_tensor_v2\n((${text('storage')}ctorch\nFloatStorage\n${text('0')}${text('cpu')}K\x02tQK\x00${shape}${strides}\x89NtR`

describe('a file of torch.save', () => {
  it('keeps the shape that was checked when the pickle changes its list', () => {
    for (const more of ['K\x03', text('x')]) {
      const path = older('alias.pth', `${tensor(']q\x00K\x02a', ']K\x01a')}sh\x00${more}a0.`)
      const weights = readTorch(path)
      expect(weights.get('w')).toEqual({
        dtype: 'float32',
        shape: [2],
        data: Float32Array.of(1, 2),
      })
    }
  })

  it('knows that infinitely many times nothing is nothing', () => {
    // 2^50 to the 22nd power is beyond float64, and its product with 0 no number.
    const side = `\x8a\x07${Buffer.from('00000000000004', 'hex').toString('latin1')}`
    const shape = `(${side.repeat(22)}K\x00t`
    const weights = readTorch(older('zero.pth', `${tensor(shape, `(${'K\x01'.repeat(23)}t`)}s.`))
    expect(weights.get('w')?.data.length).toBe(0)
  })

  it('has names that are text', () => {
    const path = older(
      'number.pth',
      `${tensor(']K\x02a', ']K\x01a')}sK\x07${tensor(']K\x02a', ']K\x01a')}s.`,
    )
    expect(() => readTorch(path)).toThrow(
      expect.objectContaining({ code: 'DATA_WEIGHTS', message: expect.stringMatching(/called 7/) }),
    )
  })
})

describe('tensors of types that no weights have', () => {
  it('are passed over, also those that share no storage class with others', () => {
    const other = (storage: string, key: string, length: number, call: string, more = '') =>
      `ctorch._utils\n${call}\n((${text('storage')}c${storage}\n${text(key)}${text('cpu')}K${String.fromCharCode(length)}tQK\x00]K\x01a]K\x01a\x89N${more}tR`
    const complex = other('torch\nComplexFloatStorage', '1', 1, '_rebuild_tensor_v2')
    const float8 = other(
      'torch.storage\nUntypedStorage',
      '2',
      1,
      '_rebuild_tensor_v3',
      'ctorch\nfloat8_e4m3fn\n',
    )
    const path = file(
      'others.pth',
      '\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.',
      `\x80\x02}.\x80\x02}(${text('c')}${complex}${text('f')}${float8}${text('w')}${tensor(']K\x02a', ']K\x01a')}u.`,
      `\x80\x02](${text('0')}${text('1')}${text('2')}e.`,
      u64(2n),
      Buffer.from(Float32Array.of(1, 2).buffer),
      u64(1n),
      Buffer.alloc(8),
      u64(1n),
      Buffer.alloc(1),
    )
    expect([...readTorch(path)]).toEqual([
      ['w', { dtype: 'float32', shape: [2], data: Float32Array.of(1, 2) }],
    ])
  })
})

describe('a program of TorchScript', () => {
  it('is called by its name', () => {
    const path = join(room, 'jit.pt')
    using output = new OutputFile(path)
    const zip = new StoredZip(output, 'net')
    // data.pkl of torch.jit.save makes an object of the program's own class.
    zip.add('data.pkl', Buffer.from('\x80\x02c__torch__\nNet\n)\x81.', 'latin1'))
    zip.add('code/__torch__.py', Buffer.from('class Net(Module):\n  pass\n'))
    zip.add('constants.pkl', Buffer.from('\x80\x02).', 'latin1'))
    zip.end()
    output.commit()
    expect(() => readTorch(path)).toThrow(
      expect.objectContaining({
        code: 'DATA_WEIGHTS',
        message: expect.stringMatching(/TorchScript/),
      }),
    )
  })
})

describe('sparse .params', () => {
  /** A row_sparse array of float32 without a row, in MXNet's version 2. */
  const empty = (rows: bigint) =>
    Buffer.concat([
      u32(0xf993fac9, 1, 2),
      u64(0n, 16n), // stored rows
      u32(2),
      u64(rows, 16n), // the whole
      u32(1, 0, 0), // CPU, float32
      u32(6, 1),
      u64(0n), // no places, of int64
    ])
  const params = (arrays: Buffer[]) =>
    file('sparse.params', u64(0x112n, 0n, BigInt(arrays.length)), ...arrays, u64(0n))

  it('are bounded by the sum of their zeros, not each alone', () => {
    const one = readParams(params([empty(100n)]))
    expect(one.get('0')).toMatchObject({ shape: [100, 16], data: new Float32Array(1600) })
    // Each is far below 256 times the file; all of them are 3,200 times.
    const many = params(Array.from({ length: 500 }, () => empty(4000n)))
    expect(() => readParams(many)).toThrow(
      expect.objectContaining({
        code: 'DATA_WEIGHTS',
        message: expect.stringMatching(/far beyond/),
      }),
    )
  })
})

describe('a .bin that names one image a hundred thousand times', () => {
  it('looks at it once', () => {
    // A megabyte, 200,000 times: 200 GB for whoever hashes each.
    const image = `B${u32(1_000_000).toString('latin1')}${'\xff'.repeat(1_000_000)}`
    const path = file(
      'one.bin',
      `\x80\x02${image}q\x000](`,
      'h\x00'.repeat(200_000),
      'e](',
      '\x88'.repeat(100_000),
      'e\x86.',
    )
    const { images, same } = readBin(path)
    expect(images).toHaveLength(1)
    expect(same).toHaveLength(100_000)
  })
})
