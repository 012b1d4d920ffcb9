import { constants } from 'node:buffer'
import { spawnSync } from 'node:child_process'
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { InputFile, ZipArchive } from '@arcface/files'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DataError } from '../errors.js'
import { readParams, writeParams } from './mxnet.js'
import { type Weight, type Weights, weightsError } from './tensor.js'
import { readTorch } from './torch.js'
import { writeArchive, writeTorch } from './torch-write.js'

const goldens = fileURLToPath(new URL('../../goldens/generated', import.meta.url))
interface Described {
  dtype: string
  shape: number[]
  data: number[]
}
const facts = JSON.parse(readFileSync(join(goldens, 'formats.json'), 'utf8')) as {
  params: Record<string, Described>
  plain: Record<string, Described>
  mixed: Record<string, Described>
  module: Record<string, number[]>
  sparse: Record<string, Described>
  large: { length: number; pieces: [number, string][] }
}

/** A 16-bit float as a number. */
const half = (bits: number): number => {
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  const size = exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15)
  return bits & 0x8000 ? -size : size
}
const bfloat = (bits: number) => new Float32Array(Uint32Array.of(bits << 16).buffer)[0]!

function describeWeight({ dtype, shape, data }: Weight): Described {
  const decode = dtype === 'float16' ? half : dtype === 'bfloat16' ? bfloat : Number
  return { dtype, shape: [...shape], data: Array.from(data as Iterable<number>, decode) }
}
const described = (weights: Weights) =>
  Object.fromEntries([...weights].map(([name, weight]) => [name, describeWeight(weight)]))

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'arcface-weights-'))
})
afterAll(() => rmSync(dir, { recursive: true }))

const coded = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) })
const place = (name: string, bytes: string | Uint8Array) => {
  writeFileSync(join(dir, name), bytes)
  return join(dir, name)
}
const golden = (name: string) => readFileSync(join(goldens, name))

/** Every reader, on files that were changed: weights or a coded error. */
function survives(name: string, read: (path: string) => unknown, numRuns: number) {
  const original = golden(name)
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }),
      fc.option(fc.nat()),
      (changes, cut) => {
        const bytes = Buffer.from(original)
        for (const [at, value] of changes) bytes[at % bytes.length] = value
        const path = place('mutant', cut === null ? bytes : bytes.subarray(0, cut % bytes.length))
        try {
          read(path)
        } catch (error) {
          if (!(error instanceof DataError)) throw error
        }
      },
    ),
    { numRuns },
  )
}

describe("MXNet's .params", () => {
  it.each([0, 1, 2, 3])('are read in version %i of the format', (version) => {
    expect(described(readParams(join(goldens, `v${version}.params`)))).toEqual(facts.params)
  })

  it('are written byte for byte', () => {
    const path = join(dir, 'out.params')
    writeParams(path, readParams(join(goldens, 'v1.params')))
    expect(readFileSync(path).equals(golden('v2.params'))).toBe(true)
    const scalar: Weights = new Map([
      ['x', { dtype: 'float32', shape: [], data: Float32Array.of(1) }],
    ])
    expect(() => writeParams(path, scalar)).toThrow(coded('DATA_OPTION', /x has no dimension/))
    scalar.set('x', { dtype: 'float32', shape: [2], data: Float32Array.of(1) })
    expect(() => writeParams(path, scalar)).toThrow(coded('DATA_OPTION', /\[2\].*1 values/))
  })

  it('are named where they are broken', () => {
    const whole = golden('v2.params')
    const bad = (bytes: string | Buffer, message: RegExp) =>
      expect(() => readParams(place('bad.params', bytes))).toThrow(coded('DATA_WEIGHTS', message))
    bad('', /does not begin/)
    bad('no weights, but some text', /does not begin/)
    bad(whole.subarray(0, 200), /bytes follow|announced/)
    bad(whole.subarray(0, -3), /only .* follow/)
    bad(Buffer.concat([whole, Buffer.from('x')]), /1 bytes stand behind/)
    const changed = (at: number, hex: string) => {
      const bytes = Buffer.from(whole)
      bytes.write(hex, at, 'hex')
      return bytes
    }
    bad(changed(16, 'ffffffffffff'), /announces \d+ arrays/)
    const many = Buffer.alloc(8_000_024)
    many.set(whole.subarray(0, 8))
    many.writeUInt32LE(1_999_999, 16)
    bad(many, /announces 1999999 arrays/)
    bad(changed(28, '01'), /array 0/)
    bad(changed(28, '07'), /array 0 is stored in an unknown way, 7/)
    bad(changed(32, 'ff'), /255 dimensions/)
    bad(changed(36, 'ffffffffff'), /array 0 is \[1099511627775, 3, 2, 2\]/)
    bad(changed(36, 'ffffffffffffffff'), /array 0 is \[-1,/)
    bad(changed(76, '63'), /unknown type 99/)
    expect(() => readParams(join(dir, 'none'))).toThrow(coded('FILES_READ', /none/))
    // A hole, larger than what Node holds in one piece.
    truncateSync(place('huge.params', ''), 2 ** 33)
    if (constants.MAX_LENGTH < 2 ** 33)
      expect(() => readParams(join(dir, 'huge.params'))).toThrow(
        coded('FILES_READ', /in one piece/),
      )
  })

  it('survive any change', () => {
    for (const version of [0, 1, 2, 3]) survives(`v${version}.params`, readParams, 700)
    survives('sparse.params', readParams, 2000)
  })

  it('are read dense where they are sparse', () => {
    expect(described(readParams(join(goldens, 'sparse.params')))).toEqual(facts.sparse)
  })

  it('are named where their sparse arrays do not fit', () => {
    const whole = golden('sparse.params')
    const bad = (at: number, value: bigint, message: RegExp) => {
      const bytes = Buffer.from(whole)
      expect(bytes.readBigInt64LE(at)).toBeLessThan(100n)
      bytes.writeBigInt64LE(value, at)
      const path = place('sparse.params', bytes)
      expect(() => readParams(path)).toThrow(coded('DATA_WEIGHTS', message))
    }
    const shape = whole.indexOf(Buffer.from(BigInt64Array.of(9n, 2n, 3n).buffer))
    const rows = whole.indexOf(Buffer.from(BigInt64Array.of(1n, 4n, 8n).buffer))
    bad(36, 2n, /array 0 has places that do not fit/)
    bad(shape, 8n, /array 0 has places that do not fit/)
    bad(shape, 1n << 40n, /array 0 is \[1099511627776, 2, 3\], far beyond the file/)
    bad(rows, -1n, /array 0 has places that do not fit/)
    bad(rows, 4n, /array 0 has places that do not fit/)
    bad(rows + 16, 9n, /array 0 has places that do not fit/)
    // A matrix: where rows start, then columns 1, 4, 0, 4.
    const starts = whole.indexOf(Buffer.from(BigInt64Array.of(0n, 2n, 2n, 3n, 4n).buffer))
    bad(starts + 8, 5n, /array 1 has places that do not fit/)
    bad(starts + 16, 1n, /array 1 has places that do not fit/)
    bad(starts + 32, 3n, /array 1 has places that do not fit/)
    bad(starts + 40, 4n, /array 1 has places that do not fit/)
    bad(starts + 48, 5n, /array 1 has places that do not fit/)
  })
})

describe("PyTorch's .pth", () => {
  it.each(['plain.pth', 'older.pth'])('%s is read', (name) => {
    const found = described(readTorch(join(goldens, name)))
    const expected = Object.entries(facts.plain).map(([key, value]) => [
      key,
      { ...value, dtype: 'float32' },
    ])
    expect(found).toEqual(Object.fromEntries(expected))
  })

  it.each(['mixed.pt', 'mixed-older.pt'])(
    'the state dict of the checkpoint %s is read: all types, views, parameters',
    (name) => {
      expect(described(readTorch(join(goldens, name)))).toEqual(facts.mixed)
    },
  )

  it('of a module with attributes is read', () => {
    const found = readTorch(join(goldens, 'module.pth'))
    expect(Object.fromEntries([...found].map(([key, { shape }]) => [key, shape]))).toEqual(
      facts.module,
    )
  })

  it.each(['plain.pth', 'one.pth', 'wide.pth'])('%s is written byte for byte', (name) => {
    writeTorch(join(dir, name), readTorch(join(goldens, name)))
    expect(readFileSync(join(dir, name)).equals(golden(name))).toBe(true)
  })

  describe('beyond 4 GiB', () => {
    type Piece = readonly [number, Uint8Array]

    /** What is no zero of the file that we write; the zeros, which nobody has touched, take no memory. */
    function writePieces(): { position: number; pieces: Piece[] } {
      const weights: Weights = new Map([
        ['big', { dtype: 'int8', shape: [2 ** 32], data: new Int8Array(2 ** 32) }],
        ['small', { dtype: 'float32', shape: [2], data: Float32Array.of(1.5, -2) }],
      ])
      const sink = {
        position: 0,
        pieces: [] as Piece[],
        write(data: Uint8Array) {
          if (data.length < 2 ** 20) this.pieces.push([this.position, data])
          this.position += data.length
        },
      }
      writeArchive(sink, 'archive', weights)
      return sink
    }
    const joined = (pieces: readonly Piece[]) => {
      const runs: { at: number; bytes: Buffer }[] = []
      for (const [at, bytes] of pieces) {
        const last = runs.at(-1)
        if (last && last.at + last.bytes.length === at)
          last.bytes = Buffer.concat([last.bytes, bytes])
        else runs.push({ at, bytes: Buffer.from(bytes) })
      }
      return runs
    }

    it('is written byte for byte, and what lies there is found', () => {
      const { position, pieces } = writePieces()
      const { large } = facts
      expect(position).toBe(large.length)
      const runs = joined(pieces)
      expect(runs).toEqual(joined(large.pieces.map(([at, hex]) => [at, Buffer.from(hex, 'hex')])))

      const path = join(dir, 'large.pth')
      const tail = runs[1]!
      const cut = (bytes: Buffer) => {
        // The zeros are a hole, which takes no disk.
        const file = openSync(path, 'w')
        writeSync(file, runs[0]!.bytes)
        writeSync(file, bytes, 0, bytes.length, tail.at)
        closeSync(file)
      }
      const small = () => {
        using file = new InputFile(path)
        return new ZipArchive(file, (why) => weightsError(path, why)).readStored('archive/data/1')
      }
      cut(tail.bytes)
      expect([...new Float32Array(Uint8Array.from(small()).buffer)]).toEqual([1.5, -2])
      fc.assert(
        fc.property(
          fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
          fc.option(fc.nat(), { freq: 3 }),
          (changes, end) => {
            const bytes = Buffer.from(tail.bytes)
            for (const [at, value] of changes) bytes[at % bytes.length] = value
            cut(end === null ? bytes : bytes.subarray(0, end % bytes.length))
            try {
              expect(small()).toHaveLength(8)
            } catch (error) {
              if (!(error instanceof DataError)) throw error
            }
          },
        ),
        { numRuns: 500 },
      )
    })
  })

  it('is named where it is broken', () => {
    const whole = golden('plain.pth')
    const bad = (bytes: string | Buffer, code: string, message: RegExp) =>
      expect(() => readTorch(place('bad.pth', bytes))).toThrow(coded(code, message))
    const edit = (from: string, to: string) =>
      Buffer.from(whole.toString('latin1').replaceAll(from, to), 'latin1')
    bad('', 'DATA_PICKLE', /only 0 follow/)
    bad('text', 'DATA_PICKLE', /bad\.pth/)
    bad('I5\n.', 'DATA_WEIGHTS', /does not begin/)
    bad(whole.subarray(0, 1000), 'DATA_WEIGHTS', /no end/)
    bad(edit('plain/data.pkl', 'plain/data.xyz'), 'DATA_WEIGHTS', /no data\.pkl/)
    bad(edit('plain/data/1', 'plain/data/7'), 'DATA_WEIGHTS', /no plain\/data\/1/)
    bad(edit('FloatStorage', 'FlxatStorage'), 'DATA_WEIGHTS', /checksum/)
    const older = golden('older.pth').toString('latin1')
    bad(
      Buffer.from(older.replace('torch._utils\n_rebuild_tensor_v2', 'os\nsystem'), 'latin1'),
      'DATA_PICKLE_CODE',
      /os\.system/,
    )
    bad(Buffer.from(older.slice(0, -3), 'latin1'), 'DATA_WEIGHTS', /storage of/)
    expect(() => readTorch(join(dir, 'none'))).toThrow(coded('FILES_READ', /none/))
  })

  it.each(['plain.pth', 'mixed.pt', 'older.pth', 'mixed-older.pt'])(
    '%s survives any change',
    (name) => {
      survives(name, readTorch, 500)
    },
  )
})

const python = '/usr/bin/python3'
const hasTorch = existsSync(python) && spawnSync(python, ['-c', 'import torch']).status === 0
describe.skipIf(!hasTorch)('with PyTorch of a system python3', () => {
  it('torch.load reads what writeTorch writes', () => {
    const path = join(dir, 'loaded.pth')
    const make: (() => Pick<Weight, 'dtype' | 'data'>)[] = [
      () => ({ dtype: 'float32', data: Float32Array.of(0.5, 2, 3, 4) }),
      () => ({ dtype: 'float64', data: Float64Array.of(0.1, 2, 3, 4) }),
      () => ({ dtype: 'int64', data: BigInt64Array.of(-1n, 2n, 3n, 4n) }),
      () => ({ dtype: 'uint8', data: Uint8Array.of(255, 2, 3, 4) }),
    ]
    const weights: Weights = new Map()
    for (let i = 0; i < 1203; i++)
      weights.set(`layer.${i}`, { ...make[i % 4]!(), shape: i % 3 === 0 ? [4] : [2, 1, 2] })
    writeTorch(path, weights)
    const script = `import torch, json, sys
d = torch.load(sys.argv[1])
print(json.dumps([[k, str(v.dtype), list(v.shape), v.flatten().tolist()] for k, v in d.items()]))`
    const { stdout, stderr } = spawnSync(python, ['-c', script, path], {
      encoding: 'utf8',
      maxBuffer: 1 << 24,
    })
    expect(stderr).toBe('')
    const expected = [...weights].map(([name, { dtype, shape, data }]) => [
      name,
      `torch.${dtype}`,
      shape,
      Array.from(data as Iterable<number>, Number),
    ])
    expect(JSON.parse(stdout)).toEqual(expected)
  })
})

const shared = fileURLToPath(new URL('../../../../../shared/models', import.meta.url))
const y1 = join(shared, 'insightface_y1-0000.params')
describe.skipIf(!existsSync(y1))("InsightFace's y1 of ../shared", () => {
  it('opens, fits its own graph, and is written back byte for byte', () => {
    const weights = readParams(y1)
    const { nodes } = JSON.parse(readFileSync(join(shared, 'insightface_y1-symbol.json'), 'utf8'))
    const inputs = (nodes as { op: string; name: string }[])
      .filter(({ op, name }) => op === 'null' && name !== 'data')
      .map(({ name }) => name)
    expect([...weights.keys()].map((name) => name.replace(/^(arg|aux):/, '')).sort()).toEqual(
      inputs.sort(),
    )
    for (const [name, { dtype, shape, data }] of weights) {
      expect(dtype, name).toBe('float32')
      expect(shape.length, name).toBeGreaterThan(0)
      expect((data as Float32Array).every(Number.isFinite), name).toBe(true)
    }
    expect(weights.get('arg:fc1_gamma')?.shape).toEqual([128])
    writeParams(join(dir, 'y1.params'), weights)
    expect(readFileSync(join(dir, 'y1.params')).equals(readFileSync(y1))).toBe(true)
  })
})
