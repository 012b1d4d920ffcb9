import type { ImageFormat } from '@arcface/vision'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { checkSize, sizeSaid } from './size.js'

const [width, height] = [301, 17]
const drawn = (channels: 3 | 4 = 3) =>
  sharp({ create: { width, height, channels, background: { r: 9, g: 90, b: 200, alpha: 0.5 } } })

/** A bitmap of Windows: nothing of it is read but its header. */
function bmp(rows: number): Buffer {
  const bytes = Buffer.alloc(54)
  bytes.write('BM')
  bytes.writeInt32LE(width, 18)
  bytes.writeInt32LE(rows, 22)
  return bytes
}

describe('the size that a header says', () => {
  it.each<[string, ImageFormat, () => Promise<Buffer>]>([
    ['a JPEG', 'jpeg', () => drawn().jpeg().toBuffer()],
    ['a progressive JPEG', 'jpeg', () => drawn().jpeg({ progressive: true }).toBuffer()],
    ['a PNG', 'png', () => drawn().png().toBuffer()],
    ['a GIF', 'gif', () => drawn().gif().toBuffer()],
    ['a lossy WebP', 'webp', () => drawn().webp().toBuffer()],
    ['a lossless WebP', 'webp', () => drawn().webp({ lossless: true }).toBuffer()],
    ['a WebP with a canvas', 'webp', () => drawn(4).withMetadata().webp().toBuffer()],
    ['a BMP', 'bmp', async () => bmp(height)],
    ['a BMP from the top', 'bmp', async () => bmp(-height)],
  ])('of %s', async (_, format, file) => {
    expect(sizeSaid(format, new Uint8Array(await file()))).toEqual([width, height])
  })

  it.each<ImageFormat>(['jpeg', 'png', 'gif', 'webp', 'bmp'])('of a %s cut short', (format) => {
    expect(sizeSaid(format, Uint8Array.of(0xff, 0xd8, 0xff))).toBeUndefined()
  })

  it('is refused above the limit', () => {
    expect(() => checkSize(100, 100, 10_000, 'a.jpg')).not.toThrow()
    expect(() => checkSize(20_000, 20_000, 100e6, 'a.jpg')).toThrow(
      /^a\.jpg has 400\.0 million pixels \(20000 x 20000\), and 100 million are allowed/,
    )
  })
})
