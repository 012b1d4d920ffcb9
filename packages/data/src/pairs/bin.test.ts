import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DataError } from '../errors.js'
import { openPairs } from './open.js'
import { type BinPairs, readBin } from './read-bin.js'
import { type PickleProtocol, writeBin } from './write-bin.js'

const goldens = fileURLToPath(new URL('../../goldens/generated', import.meta.url))
const facts = JSON.parse(readFileSync(join(goldens, 'formats.json'), 'utf8')) as {
  bin: { images: string[]; same: boolean[] }
  longBin: { lengths: number[]; sha256: Record<string, string> }
}
const protocols: PickleProtocol[] = [2, 3, 4, 5]
const same = facts.bin.same.map(Number)

/** The bytes of the script: a linear congruential generator. */
function fill(length: number, seed: number): Buffer {
  let x = seed
  return Buffer.from(
    Uint8Array.from({ length }, () => {
      x = Number((BigInt(x) * 1103515245n + 12345n) % 2n ** 31n)
      return (x >> 16) & 255
    }),
  )
}

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'arcface-bin-'))
})
afterAll(() => rmSync(dir, { recursive: true }))

const coded = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) })

/** The images as they stand in the file. */
const inOrder = ({ images, a, b }: BinPairs) =>
  Array.from(a, (_, p) => [images[a[p]!]!.bytes, images[b[p]!]!.bytes]).flat()

describe('readBin', () => {
  it('holds once what stands in several pairs', () => {
    const [x, y] = [Buffer.from('x'), Buffer.from('y')]
    const path = join(dir, 'copies.bin')
    const images = [x, y, y, x, y, y]
    writeBin(
      path,
      images.map((bytes) => () => bytes),
      [false, false, true],
    )
    const found = readBin(path)
    expect(found.images.map(({ bytes }) => bytes)).toEqual([x, y])
    expect([[...found.a], [...found.b]]).toEqual([
      [0, 1, 1],
      [1, 0, 1],
    ])
    expect(found.images[1]!.name).toBe('copies.bin, image 1')
  })

  it.each([
    ...protocols.map((protocol) => `pairs-${protocol}.bin`),
    'python2.bin',
    ...[2, 4, 5].map((protocol) => `arrays-${protocol}.bin`),
    'array-same.bin',
  ])('reads %s as Python wrote it', (file) => {
    const found = readBin(join(goldens, file))
    expect(found.images.map(({ bytes }) => Buffer.from(bytes).toString('hex'))).toEqual(
      facts.bin.images,
    )
    expect([...found.same]).toEqual(same)
    expect([...found.a]).toEqual([0, 2, 4, 6])
    expect([...found.b]).toEqual([1, 3, 5, 7])
    expect(found.folds).toBe(4)
    expect(readBin(join(goldens, file), 2).folds).toBe(2)
  })

  it('names what is no verification set, and never runs what a pickle names', () => {
    const is = (bytes: string | Buffer, code: string, message: RegExp) => {
      const path = join(dir, 'bad.bin')
      writeFileSync(path, bytes)
      expect(() => readBin(path)).toThrow(coded(code, message))
    }
    is('', 'DATA_PICKLE', /bad\.bin/)
    is('no pickle', 'DATA_PICKLE', /0x6e is no opcode|bad\.bin/)
    is('N.', 'DATA_BIN', /no pair of lists/)
    is('(NNt.', 'DATA_BIN', /no list of images/)
    is('(]Nt.', 'DATA_BIN', /second part/)
    is('(]]t.', 'DATA_BIN', /0 images/)
    is('(](K\x02lt.', 'DATA_BIN', /neither true nor false/)
    is('((I1\nI2\nl(I01\nlt.', 'DATA_BIN', /image 0 is no bytes/)
    is('((C\x01aC\x01bl(I01\nI01\nlt.', 'DATA_BIN', /2 images.*2 pairs/)
    for (let protocol = 0; protocol < 6; protocol++)
      is(
        readFileSync(join(goldens, `evil-${protocol}.pkl`)),
        'DATA_PICKLE_CODE',
        /(builtins|__builtin__)\.print/,
      )
    expect(() => readBin(join(dir, 'none.bin'))).toThrow(coded('FILES_READ', /none\.bin/))
  })

  it('survives any change of any file: pairs or a coded error', () => {
    const files = [...protocols.map((p) => `pairs-${p}.bin`), 'python2.bin', 'arrays-2.bin'].map(
      (file) => readFileSync(join(goldens, file)),
    )
    const path = join(dir, 'mutant.bin')
    fc.assert(
      fc.property(
        fc.nat(files.length - 1),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        fc.option(fc.nat()),
        (which, changes, cut) => {
          const bytes = Buffer.from(files[which]!)
          for (const [at, value] of changes) bytes[at % bytes.length] = value
          writeFileSync(path, cut === null ? bytes : bytes.subarray(0, cut % bytes.length))
          try {
            const { images, same: flags } = readBin(path)
            expect(images.length).toBeLessThanOrEqual(2 * flags.length)
          } catch (error) {
            if (!(error instanceof DataError)) throw error
          }
        },
      ),
      { numRuns: 3000 },
    )
  })
})

describe('openPairs', () => {
  it('takes a .bin with its images, and a list with their folder', () => {
    expect(openPairs(join(goldens, 'pairs-4.bin')).images).toHaveLength(8)
    const list = join(dir, 'pairs.txt')
    writeFileSync(list, '1\nann 1 2\nann 1 bob 1\n')
    expect(() => openPairs(list)).toThrow(coded('DATA_OPTION', /which folder/))
    expect(() => openPairs(list, dir)).toThrow(coded('DATA_PAIRS_IMAGE', /ann_0001/))
  })
})

describe('writeBin', () => {
  const path = () => join(dir, 'out.bin')

  it.each(protocols)('gives the bytes of pickle.dump, protocol %i', (protocol) => {
    const images = facts.bin.images.map((hex) => () => Buffer.from(hex, 'hex'))
    writeBin(path(), images, facts.bin.same, protocol)
    const golden = readFileSync(join(goldens, `pairs-${protocol}.bin`))
    expect(readFileSync(path()).toString('hex')).toBe(golden.toString('hex'))
  })

  it.each(protocols)(
    'does so for long lists and images beyond a frame, protocol %i',
    (protocol) => {
      const { lengths, sha256 } = facts.longBin
      const images = lengths.map((length, seed) => () => fill(length, seed))
      const flags = Array.from({ length: lengths.length / 2 }, (_, i) => i % 3 === 0)
      writeBin(path(), images, flags, protocol)
      const bytes = readFileSync(path())
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256[protocol])
      expect(inOrder(readBin(path())).map(({ length }) => length)).toEqual(lengths)
    },
  )

  it('gives back any images', () => {
    const image = fc.uint8Array({ maxLength: 400 })
    fc.assert(
      fc.property(
        fc.array(fc.tuple(image, image, fc.boolean()), { minLength: 1, maxLength: 9 }),
        fc.constantFrom(...protocols),
        (pairs, protocol) => {
          const images = pairs.flatMap((pair) => pair.slice(0, 2) as Uint8Array[])
          const flags = pairs.map(([, , flag]) => flag)
          writeBin(
            path(),
            images.map((bytes) => () => bytes),
            flags,
            protocol,
          )
          const found = readBin(path())
          inOrder(found).forEach((bytes, i) => {
            expect(Buffer.compare(bytes, images[i]!)).toBe(0)
          })
          expect([...found.same]).toEqual(flags.map(Number))
        },
      ),
    )
  })

  it('refuses an image too many', () => {
    expect(() => writeBin(path(), [() => Buffer.alloc(1)], [])).toThrow(coded('DATA_OPTION', /1 /))
  })
})
