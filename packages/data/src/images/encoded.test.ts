import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32, deflateSync, gzipSync } from 'node:zlib'
import { IMAGE_SIZE, imageFormat, Random } from '@arcface/vision'
import sharp, { type Sharp } from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeImage } from './decode.js'
import { DECODING_BYTES, openImage } from './encoded.js'

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'arcface-encoded-'))
})
afterAll(() => rmSync(dir, { recursive: true }))

const noise = (seed: number, width: number, height: number) => {
  const random = new Random(seed)
  const pixels = Uint8Array.from({ length: width * height * 3 }, () => random.below(256))
  return { pixels, image: sharp(pixels, { raw: { width, height, channels: 3 } }) }
}
const refused = (code: string, message: RegExp) => ({
  code,
  message: expect.stringMatching(message),
})

describe('what is let in', () => {
  it('goes by the signature: each format that is read', async () => {
    const { image } = noise(1, 40, 30)
    const files = {
      jpeg: image.clone().jpeg(),
      png: image.clone().png(),
      webp: image.clone().webp(),
      avif: image.clone().avif(),
      tiff: image.clone().tiff(),
      gif: image.clone().gif(),
    }
    for (const [format, file] of Object.entries(files)) {
      const bytes = await file.toBuffer()
      expect(imageFormat(bytes)).toBe(format)
      const opened = await openImage(bytes, 'a')
      expect([opened.format, opened.width, opened.height]).toEqual([format, 40, 30])
      expect((await opened.decode('black')).pixels).toHaveLength(40 * 30 * 3)
    }
  })

  it('is no SVG, whatever stands before it, under whatever name; nor what else libvips loads', async () => {
    const size = IMAGE_SIZE
    writeFileSync(join(dir, 'other.png'), await noise(2, size, size).image.png().toBuffer())
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}"><image href="other.png" width="${size}" height="${size}"/></svg>`
    const texts: Record<string, Uint8Array> = {
      'plain.jpg': Buffer.from(svg),
      'xml.png': Buffer.from(`<?xml version="1.0"?>\n${svg}`),
      'mark.jpg': Buffer.from(`\uFEFF  \n${svg}`),
      'comment.jpg': Buffer.from(`<!-- ${'x'.repeat(300)} -->${svg}`),
      'brand.jpg': Buffer.from(`<!--ftypavif-->${svg}`),
      'svgz.jpg': gzipSync(svg),
      'html.jpg': Buffer.from('<!DOCTYPE html><html></html>'),
      'pdf.jpg': Buffer.from('%PDF-1.7\n'),
      'ppm.jpg': Buffer.from(`P6 ${size} ${size} 255\n${'x'.repeat(size * size * 3)}`),
      'csv.jpg': Buffer.from('1,2,3\n4,5,6\n'),
    }
    for (const [name, bytes] of Object.entries(texts)) {
      const path = join(dir, name)
      writeFileSync(path, bytes)
      const unreadable = refused('DATA_IMAGE_UNREADABLE', new RegExp(name))
      await expect(decodeImage(path), name).rejects.toMatchObject(unreadable)
      await expect(openImage(bytes, name), name).rejects.toMatchObject(unreadable)
    }
    // libvips goes by signatures, too, and takes what begins as a GIF for one.
    for (const start of [
      'GIF89a',
      'BM',
      'II*\0',
      'RIFF1234WEBP',
      '\x89PNG\r\n\x1a\n',
      '\xff\xd8\xff',
    ])
      await expect(
        openImage(Buffer.from(start + svg, 'latin1'), 'both.jpg'),
        start,
      ).rejects.toMatchObject({ code: 'DATA_IMAGE_UNREADABLE' })
  })

  it('is no HEIC, which is told from AVIF by its brands', async () => {
    const box = (...brands: string[]) => {
      const start = Buffer.alloc(4)
      start.writeUInt32BE(16 + 4 * brands.length - 4)
      const [major, ...others] = brands
      return Buffer.concat([start, Buffer.from(`ftyp${major}\0\0\0\0${others.join('')}`)])
    }
    expect(imageFormat(box('avif', 'mif1', 'miaf'))).toBe('avif')
    expect(imageFormat(box('mif1', 'avif'))).toBe('avif')
    for (const brands of [['heic', 'mif1', 'heic'], ['mif1', 'heic'], ['hevc']])
      await expect(openImage(box(...brands), 'phone.jpg')).rejects.toMatchObject(
        refused('DATA_IMAGE_UNREADABLE', /phone\.jpg .*HEIC.*Make a JPEG/),
      )
    expect(imageFormat(box('isom', 'mp42'))).toMatchObject({ not: expect.stringMatching(/video/) })
  })
})

describe('what decoding takes', () => {
  /** A PNG as far as its header tells. */
  function png(width: number, height: number): Buffer {
    const size = Buffer.alloc(8)
    size.writeUInt32BE(width)
    size.writeUInt32BE(height, 4)
    const chunk = (type: string, data: Uint8Array) => {
      const body = Buffer.concat([Buffer.from(type), data])
      const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
      length.writeUInt32BE(data.length)
      sum.writeUInt32BE(crc32(body))
      return Buffer.concat([length, body, sum])
    }
    return Buffer.concat([
      Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
      chunk('IHDR', Buffer.concat([size, Buffer.from([8, 2, 0, 0, 0])])),
      chunk('IDAT', deflateSync(Buffer.alloc(100))),
    ])
  }
  const flat = (width: number, height: number) =>
    sharp({ create: { width, height, channels: 3, background: '#123' }, limitInputPixels: false })

  it('is limited to 512 MB of decoding, by the header alone', async () => {
    const bomb = png(15000, 12000)
    await expect(openImage(bomb, 'bomb.png')).rejects.toMatchObject({
      ...refused('DATA_IMAGE_SIZE', /bomb\.png has 180\.0 million pixels .*540 MB.*512/),
      hint: expect.stringContaining('maxPixels'),
    })
    expect(await openImage(bomb, 'bomb.png', 180e6)).toMatchObject({ memory: 540e6 })
    await expect(openImage(bomb, 'bomb.png', 180e6 - 1)).rejects.toMatchObject(
      refused('DATA_IMAGE_SIZE', /179\.999999 million are allowed/),
    )
  })

  it('is of no side that is longer than a JPEG has, however few pixels there are', async () => {
    for (const [width, height] of [
      [50e6, 1],
      [1, 65_536],
    ] as const)
      await expect(openImage(png(width, height), 'thin.png', 50e6)).rejects.toMatchObject(
        refused('DATA_IMAGE_SIZE', new RegExp(`thin\\.png is ${width} x ${height} pixels.*65535`)),
      )
    expect(await openImage(png(65_535, 700), 'wide.png', 50e6)).toMatchObject({ height: 700 })
  })

  it('counts what is held beside the pixels', async () => {
    const small = flat(100, 50)
    const bytes = async (image: Sharp) => {
      const { memory, width, height } = await openImage(await image.toBuffer(), 'a')
      return memory / (width * height)
    }
    expect(await bytes(small.clone().jpeg())).toBe(3)
    expect(await bytes(small.clone().jpeg({ progressive: true }))).toBe(9)
    expect(await bytes(small.clone().png({ progressive: true }))).toBe(6)
    expect(await bytes(small.clone().jpeg().withMetadata({ orientation: 6 }))).toBe(6)
    expect(await bytes(small.clone().avif())).toBe(18)
    expect(DECODING_BYTES).toBe(512e6)
  })
})

describe('BMP', () => {
  /** A file of `rows`, from the top down, of pixels in RGB. */
  function bmp(rows: number[][][], bits: 24 | 32, bottomUp = true): Buffer {
    const [height, width] = [rows.length, rows[0]!.length]
    const head = Buffer.alloc(54)
    head.write('BM')
    head.writeUInt32LE(54, 10)
    head.writeUInt32LE(40, 14)
    head.writeInt32LE(width, 18)
    head.writeInt32LE(bottomUp ? height : -height, 22)
    head.writeUInt16LE(1, 26)
    head.writeUInt16LE(bits, 28)
    const lines = rows.map((row) => {
      const line = Buffer.alloc(Math.ceil((width * bits) / 32) * 4)
      row.forEach(([r, g, b], x) => {
        line.set([b!, g!, r!], (x * bits) / 8)
      })
      return line
    })
    return Buffer.concat([head, ...(bottomUp ? lines.reverse() : lines)])
  }
  const rows = [
    [
      [255, 0, 0],
      [0, 255, 0],
      [0, 0, 255],
    ],
    [
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ],
  ]

  it.each([
    [24, true],
    [24, false],
    [32, true],
  ] as const)('of %i bits, bottom up: %s', async (bits, bottomUp) => {
    const image = await openImage(bmp(rows, bits, bottomUp), 'a.bmp')
    expect(await image.decode('black')).toEqual({
      width: 3,
      height: 2,
      pixels: Uint8Array.from(rows.flat(2)),
    })
  })

  it('with a palette', async () => {
    const head = bmp([[[0, 0, 0]]], 24).subarray(0, 54)
    head.writeUInt16LE(8, 28)
    head.writeUInt32LE(2, 46)
    head.writeUInt32LE(62, 10)
    const file = (value: number) =>
      Buffer.concat([head, Buffer.from([1, 2, 3, 0, 30, 20, 10, 0, value, 0, 0, 0])])
    const { pixels } = await (await openImage(file(1), 'a.bmp')).decode('black')
    expect([...pixels]).toEqual([10, 20, 30])
    await expect((await openImage(file(2), 'a.bmp')).decode('black')).rejects.toMatchObject(
      refused('DATA_IMAGE_UNREADABLE', /beyond the palette/),
    )
  })

  it('is refused where it is damaged, or of a kind that hardly anybody writes', async () => {
    const good = bmp(rows, 24)
    for (let length = 2; length < good.length; length++)
      await expect(openImage(good.subarray(0, length), 'a.bmp')).rejects.toMatchObject({
        code: 'DATA_IMAGE_UNREADABLE',
      })
    const changed = (at: number, value: number) => {
      const copy = Buffer.from(good)
      copy.writeInt32LE(value, at)
      return copy
    }
    for (const bytes of [changed(18, 0), changed(18, -3), changed(22, 0), changed(30, 1)])
      await expect(openImage(bytes, 'a.bmp')).rejects.toMatchObject({
        code: 'DATA_IMAGE_UNREADABLE',
      })
    await expect(openImage(changed(18, 2 ** 31 - 1), 'a.bmp')).rejects.toMatchObject({
      code: 'DATA_IMAGE_UNREADABLE',
    })
  })
})

describe('a JPEG without its end marker', () => {
  const kinds = {
    baseline: { quality: 90 },
    '4:4:4': { quality: 90, chromaSubsampling: '4:4:4' },
    progressive: { progressive: true },
    'of mozjpeg': { mozjpeg: true },
  }
  it.each(Object.keys(kinds) as (keyof typeof kinds)[])(
    'gives all of its pixels, or is refused where some are gone: %s',
    async (kind) => {
      const whole = await noise(3, 50, 41).image.jpeg(kinds[kind]).toBuffer()
      const truth = await (await openImage(whole, 'a.jpg')).decode('black')
      const decode = async (bytes: Uint8Array) => (await openImage(bytes, 'a.jpg')).decode('black')
      for (const cut of [1, 2]) expect(await decode(whole.subarray(0, -cut))).toEqual(truth)
      const random = new Random(4)
      const start = whole.indexOf(Buffer.from([0xff, 0xda]))
      const cuts = [
        3,
        4,
        5,
        6,
        8,
        12,
        ...Array.from({ length: 20 }, () => random.below(whole.length - start)),
      ]
      for (const cut of cuts) {
        const result = await decode(whole.subarray(0, -cut - 2)).catch((error) => error)
        if (result instanceof Error) expect(result).toMatchObject({ code: 'DATA_IMAGE_UNREADABLE' })
        else expect(result, `${cut} bytes cut`).toEqual(truth)
      }
    },
  )

  it('of a progressive file that ends between two scans is refused', async () => {
    const whole = await noise(5, 50, 41).image.jpeg({ progressive: true }).toBuffer()
    const scans: number[] = []
    for (let at = 0; ; ) {
      at = whole.indexOf('\xff\xda', at + 1, 'latin1')
      if (at < 0) break
      scans.push(at)
    }
    expect(scans.length).toBeGreaterThan(4)
    for (const at of scans.slice(1))
      await expect(
        openImage(whole.subarray(0, at), 'a.jpg').then((image) => image.decode('black')),
      ).rejects.toMatchObject({ code: 'DATA_IMAGE_UNREADABLE' })
  })
})
