import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { IMAGE_BYTES, IMAGE_SIZE, Random } from '@arcface/vision'
import fc from 'fast-check'
import sharp, { type JpegOptions, type Sharp } from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeRecord, packImage } from '../recordio/record.js'
import { decodeImage, decodeWithSharp } from './decode.js'
import { decodeJpeg, jpegDecoder } from './jpeg.js'

/** Ramps, edges and noise in all channels. */
function picture(seed: number, width = IMAGE_SIZE, height = IMAGE_SIZE): Sharp {
  const random = new Random(seed)
  const pixels = new Uint8Array(width * height * 3)
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++)
        pixels[i++] = ((x + c * y) % 37 < 18 ? 2 * x : 255 - y - 20 * c) + random.below(40)
  return sharp(pixels, { raw: { width, height, channels: 3 } })
}

const jpeg = (options: JpegOptions = {}) => picture(1).jpeg(options).toBuffer()
const kinds: Record<string, () => Promise<Buffer>> = {
  '4:2:0': () => jpeg({ quality: 95, chromaSubsampling: '4:2:0' }),
  '4:4:4': () => jpeg({ quality: 95, chromaSubsampling: '4:4:4' }),
  'quality 5': () => jpeg({ quality: 5 }),
  'quality 100': () => jpeg({ quality: 100 }),
  progressive: () => jpeg({ progressive: true }),
  'progressive 4:4:4': () => jpeg({ progressive: true, chromaSubsampling: '4:4:4' }),
  'of mozjpeg': () => jpeg({ mozjpeg: true }),
  grey: () => picture(1).greyscale().jpeg().toBuffer(),
  'grey, progressive': () => picture(1).greyscale().jpeg({ progressive: true }).toBuffer(),
  'with EXIF that turns nothing': () =>
    picture(1)
      .withExif({ IFD0: { Copyright: 'nobody' } })
      .jpeg()
      .toBuffer(),
}

/** A JPEG with EXIF data of one entry: how it is turned. */
function withOrientation(image: Buffer, orientation: number, bigEndian: boolean): Buffer {
  const numbers = (...all: [value: number, bytes: 2 | 4][]) =>
    all.map(([value, length]) => {
      const bytes = Buffer.alloc(length)
      bytes[bigEndian ? 'writeUIntBE' : 'writeUIntLE'](value, 0, length)
      return bytes
    })
  const tiff = Buffer.concat([
    Buffer.from(bigEndian ? 'MM' : 'II'),
    ...numbers(
      [42, 2],
      [8, 4],
      [1, 2],
      [0x0112, 2],
      [3, 2],
      [1, 4],
      [orientation, 2],
      [0, 2],
      [0, 4],
    ),
  ])
  const head = Buffer.from([0xff, 0xd8, 0xff, 0xe1, 0, 8 + tiff.length])
  return Buffer.concat([head, Buffer.from('Exif\0\0'), tiff, image.subarray(2)])
}

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'arcface-jpeg-'))
})
afterAll(() => rmSync(dir, { recursive: true }))

function decoded(source: Parameters<typeof decodeJpeg>[0], mirror = false): Uint8Array | null {
  const out = new Uint8Array(new SharedArrayBuffer(IMAGE_BYTES + 5), 5)
  return decodeJpeg(source, out, mirror) ? out.slice() : null
}

function mirrored(image: Uint8Array): Uint8Array {
  return image.map((_, i) => {
    const x = Math.floor(i / 3) % IMAGE_SIZE
    return image[i + 3 * (IMAGE_SIZE - 1 - 2 * x)]!
  })
}

describe.skipIf(jpegDecoder === 'sharp')('decodeJpeg, where the add-on was built', () => {
  it.each(Object.keys(kinds))('gives the bytes of sharp: %s', async (kind) => {
    const bytes = await kinds[kind]!()
    const reference = await decodeWithSharp(bytes)
    expect(decoded(bytes)).toEqual(reference)
    expect(decoded(bytes, true)).toEqual(mirrored(reference))
    const path = join(dir, 'one.jpg')
    writeFileSync(path, bytes)
    expect(decoded({ path })).toEqual(reference)
    expect(decoded({ path }, true)).toEqual(mirrored(reference))
  })

  it('leaves what EXIF turns to sharp, which turns it: one reading everywhere', async () => {
    const plain = await decodeWithSharp(await jpeg())
    // [row, column] of the stored image that is shown at (y, x); EXIF 2.32, table 6.
    const last = IMAGE_SIZE - 1
    const turns: Record<number, (y: number, x: number) => [number, number]> = {
      1: (y, x) => [y, x],
      2: (y, x) => [y, last - x],
      3: (y, x) => [last - y, last - x],
      4: (y, x) => [last - y, x],
      5: (y, x) => [x, y],
      6: (y, x) => [last - x, y],
      7: (y, x) => [last - x, last - y],
      8: (y, x) => [x, last - y],
    }
    for (const [orientation, from] of Object.entries(turns))
      for (const kind of ['exif', 'big-endian'] as const) {
        const bytes = withOrientation(await jpeg(), Number(orientation), kind === 'big-endian')
        const shown = await decodeImage(bytes)
        const expected = new Uint8Array(IMAGE_BYTES)
        for (let y = 0, i = 0; y < IMAGE_SIZE; y++)
          for (let x = 0; x < IMAGE_SIZE; x++, i += 3) {
            const [row, column] = from(y, x)
            const at = (row * IMAGE_SIZE + column) * 3
            expected.set(plain.subarray(at, at + 3), i)
          }
        expect(Buffer.compare(shown, expected), `${orientation} ${kind}`).toBe(0)
        expect(Buffer.compare(await decodeWithSharp(bytes), expected)).toBe(0)
        expect(decoded(bytes) !== null).toBe(orientation === '1')
      }
  })

  it('gives what sharp gives of any EXIF data, however damaged', async () => {
    const image = withOrientation(await jpeg(), 6, false)
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 2, max: 38 }), fc.nat(255)), { maxLength: 3 }),
        async (changes) => {
          const bytes = Buffer.from(image)
          for (const [at, value] of changes) bytes[at] = value
          const own = decoded(bytes)
          if (own) expect(Buffer.compare(own, await decodeWithSharp(bytes))).toBe(0)
        },
      ),
      { numRuns: 200 },
    )
  })

  it('gives the bytes of sharp for any picture and quality', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.integer({ min: 1, max: 100 }),
        fc.constantFrom('4:2:0', '4:4:4'),
        async (seed, quality, chromaSubsampling) => {
          const bytes = await picture(seed).jpeg({ quality, chromaSubsampling }).toBuffer()
          expect(Buffer.compare(decoded(bytes)!, await decodeWithSharp(bytes))).toBe(0)
        },
      ),
      { numRuns: 30 },
    )
  })

  it('reads records, with one label and with several', async () => {
    const image = await jpeg()
    const reference = await decodeWithSharp(image)
    const records = [packImage(3, 1, image), packImage([3, 1, 4], 2, image)].map(encodeRecord)
    const path = join(dir, 'train.rec')
    writeFileSync(path, Buffer.concat(records))
    let offset = 0
    for (const { length } of records) {
      expect(decoded({ path, offset, length })).toEqual(reference)
      offset += length
    }
    const [{ length }] = records as [Buffer]
    // Elsewhere, beyond the end, a part of it, nothing.
    for (const [at, size] of [
      [4, length],
      [offset, length],
      [0, length - 8],
      [0, 20],
      [0, 0],
    ] as const)
      expect(decoded({ path, offset: at, length: size })).toBeNull()
    // A record whose payload holds the magic number is in parts, and decodeWithSharp joins them.
    const comment = Buffer.from([0xff, 0xfe, 0, 10, 0x0a, 0x23, 0xd7, 0xce, 0x0a, 0x23, 0xd7, 0xce])
    const spread = Buffer.concat([
      image.subarray(0, 2),
      Buffer.from([0xff, 0xfe, 0, 4, 0, 0]),
      comment,
      image.subarray(2),
    ])
    const parts = encodeRecord(packImage(0, 3, spread))
    expect(parts.length).toBeGreaterThan(Math.ceil((24 + spread.length) / 4) * 4 + 8)
    writeFileSync(path, parts)
    expect(decoded({ path, offset: 0, length: parts.length })).toBeNull()
    expect(await decodeWithSharp({ path, offset: 0, length: parts.length })).toEqual(reference)
  })

  it('sees that a file was cut, has grown, or is another one, though a map of it is open', async () => {
    const path = join(dir, 'changing.rec')
    const other = join(dir, 'other.rec')
    const images = await Promise.all([1, 2, 3].map((seed) => picture(seed).jpeg().toBuffer()))
    const [first, second, third] = images.map((image) => encodeRecord(packImage(0, 1, image))) as [
      Buffer,
      Buffer,
      Buffer,
    ]
    const truth = await Promise.all(images.map((image) => decodeWithSharp(image)))
    const at = (offset: number, { length }: Buffer) => ({ path, offset, length })

    writeFileSync(path, Buffer.concat([first, second]))
    expect(decoded(at(first.length, second))).toEqual(truth[1])
    appendFileSync(path, third)
    expect(decoded(at(first.length + second.length, third))).toEqual(truth[2])
    // Pages beyond the end of a file must not be touched.
    truncateSync(path, first.length + 10)
    expect(decoded(at(first.length, second))).toBeNull()
    await expect(decodeWithSharp(at(first.length, second))).rejects.toMatchObject({
      code: 'DATA_RECORDS',
    })
    expect(decoded(at(0, first))).toEqual(truth[0])
    truncateSync(path, 0)
    expect(decoded(at(0, first))).toBeNull()
    writeFileSync(other, third)
    renameSync(other, path)
    expect(decoded(at(0, third))).toEqual(truth[2])
    rmSync(path)
    expect(decoded(at(0, third))).toBeNull()
  })

  it('decodes of more files in turn than it keeps mapped', async () => {
    const records = await Promise.all(
      Array.from({ length: 12 }, async (_, i) => {
        const image = await picture(i).jpeg().toBuffer()
        const record = encodeRecord(packImage(0, i, image))
        const path = join(dir, `turn-${i}.rec`)
        writeFileSync(path, record)
        return { path, length: record.length, truth: await decodeWithSharp(image) }
      }),
    )
    for (const { path, length, truth } of [...records, ...records.reverse()])
      expect(decoded({ path, offset: 0, length })).toEqual(truth)
  })

  it('leaves to sharp what is no ordinary JPEG of this size', async () => {
    const large = Buffer.concat([await jpeg(), Buffer.alloc(2 ** 20)])
    const declined: Record<string, Buffer> = {
      png: await picture(1).png().toBuffer(),
      webp: await picture(1).webp().toBuffer(),
      CMYK: await picture(1).toColourspace('cmyk').jpeg().toBuffer(),
      profile: await picture(1).withIccProfile('p3').jpeg().toBuffer(),
      narrow: await picture(1, IMAGE_SIZE - 1)
        .jpeg()
        .toBuffer(),
      high: await picture(1, IMAGE_SIZE, IMAGE_SIZE + 1)
        .jpeg()
        .toBuffer(),
      huge: await picture(1, 3000, 3000).jpeg().toBuffer(),
      empty: Buffer.alloc(0),
      text: Buffer.from('this is no image'),
      start: Buffer.from([0xff, 0xd8, 0xff, 0xd9]),
    }
    for (const [name, bytes] of Object.entries(declined)) {
      expect(decoded(bytes), name).toBeNull()
      const path = join(dir, name)
      writeFileSync(path, bytes)
      expect(decoded({ path }), name).toBeNull()
    }
    writeFileSync(join(dir, 'large'), large)
    const pipe = join(dir, 'pipe')
    execFileSync('mkfifo', [pipe])
    for (const path of [
      join(dir, 'large'),
      dir,
      pipe,
      join(dir, 'missing'),
      `${dir}/${'x'.repeat(5000)}`,
      '',
    ])
      expect(decoded({ path }), path).toBeNull()
  })

  it('gives of damaged files nothing, or what sharp gives, and goes on', async () => {
    const originals = await Promise.all(
      ['4:2:0', 'progressive', 'grey'].map((kind) => kinds[kind]!()),
    )
    const good = await decodeWithSharp(originals[0]!)
    let declined = 0
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...originals),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
        fc.option(fc.nat(), { freq: 1 }),
        async (original, changes, cut) => {
          const bytes = Buffer.from(
            original.subarray(0, cut === null ? undefined : cut % original.length),
          )
          for (const [at, value] of changes) if (bytes.length > 0) bytes[at % bytes.length] = value
          const image = decoded(bytes)
          if (image === null) declined++
          else expect(Buffer.compare(image, await decodeWithSharp(bytes))).toBe(0)
        },
      ),
      { numRuns: 1000 },
    )
    expect(declined).toBeGreaterThan(50)
    expect(decoded(originals[0]!)).toEqual(good)
  })

  it('does not lend a file without tables those of the file before', async () => {
    const bytes = await jpeg()
    expect(decoded(bytes)).not.toBeNull()
    for (const marker of [0xdb, 0xc4]) {
      const at = bytes.indexOf(Buffer.from([0xff, marker]))
      const behind = at + 2 + bytes.readUInt16BE(at + 2)
      expect(decoded(Buffer.concat([bytes.subarray(0, at), bytes.subarray(behind)]))).toBeNull()
    }
  })

  it('refuses a progressive file with scans without end', async () => {
    const bytes = await kinds.progressive!()
    const last = bytes.lastIndexOf(Buffer.from([0xff, 0xda]))
    const scan = bytes.subarray(last, -2)
    const repeated = [bytes.subarray(0, -2), ...Array<Buffer>(200).fill(scan), bytes.subarray(-2)]
    expect(decoded(Buffer.concat(repeated))).toBeNull()
  })

  it('refuses a target that is too small for an image, or no bytes', async () => {
    const bytes = await jpeg()
    expect(() => decodeJpeg(bytes, new Uint8Array(IMAGE_BYTES - 1))).toThrow(TypeError)
    const floats = new Float32Array(IMAGE_BYTES) as unknown as Uint8Array
    expect(() => decodeJpeg(bytes, floats)).toThrow(TypeError)
  })
})

describe('without the add-on', () => {
  it('is left to sharp', async () => {
    const bytes = await jpeg()
    const script = `
      import { createRequire, Module } from 'node:module'
      const { _resolveFilename } = Module
      Module._resolveFilename = function (name, ...rest) {
        if (name.endsWith('.node') && name.includes('arcface')) throw new Error('it was not built')
        return _resolveFilename.call(this, name, ...rest)
      }
      const { decodeJpeg, jpegDecoder } = await import('@arcface/data')
      const { IMAGE_BYTES } = await import('@arcface/vision')
      const bytes = Buffer.from(process.argv[1], 'base64')
      console.log(jpegDecoder, decodeJpeg(bytes, new Uint8Array(IMAGE_BYTES)))`
    const args = ['--input-type=module', '--eval', script, bytes.toString('base64')]
    expect(execFileSync(process.execPath, args, { encoding: 'utf8' })).toBe('sharp false\n')
  })
})
