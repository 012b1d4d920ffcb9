import { IMAGE_SIZE, Random } from '@arcface/vision'
import sharp, { type Sharp } from 'sharp'
import { describe, expect, it } from 'vitest'
import { decodeImage } from '../images/decode.js'
import { THUMBNAIL, thumbnails } from './thumbnail.js'

const size = { width: IMAGE_SIZE, height: IMAGE_SIZE }
const raw = (pixels: Uint8Array) => sharp(pixels, { raw: { ...size, channels: 3 } })
const decoded = async (image: Sharp) =>
  decodeImage({ name: 'image', bytes: await image.png().toBuffer() })

/** Soft blobs: as smooth as faces, and all different. */
async function picture(seed: number): Promise<Uint8Array> {
  const random = new Random(seed)
  const coarse = Uint8Array.from({ length: 7 * 7 * 3 }, () => random.below(256))
  const small = sharp(coarse, { raw: { width: 7, height: 7, channels: 3 } })
  return decoded(small.resize(IMAGE_SIZE, IMAGE_SIZE, { kernel: 'cubic' }))
}

function correlation(a: Uint8Array, b: Uint8Array): number {
  const [x, y] = [thumbnails(a, 1), thumbnails(b, 1)]
  return x.reduce((sum, value, k) => sum + value * y[k]!, 0)
}

describe('thumbnails', () => {
  it('are means of grey without their mean, of length 1', () => {
    // The left half white: 1 and -1 before they are scaled.
    const pixels = new Uint8Array(IMAGE_SIZE * IMAGE_SIZE * 3).map((_, i) =>
      Math.floor(i / 3) % IMAGE_SIZE < IMAGE_SIZE / 2 ? 255 : 0,
    )
    const two = thumbnails(Uint8Array.from([...pixels, ...pixels.map((p) => 255 - p)]), 2)
    expect(two).toHaveLength(2 * THUMBNAIL)
    two.forEach((value, i) => {
      const left = i % 16 < 8
      expect(value).toBeCloseTo((left === i < THUMBNAIL ? 1 : -1) / 16, 6)
    })
  })

  it('of one picture are alike however it was encoded, of two they are not', async () => {
    for (let seed = 0; seed < 10; seed++) {
      const image = await picture(seed)
      const smaller = await raw(image).resize(56, 56).png().toBuffer()
      const again = {
        jpeg: sharp(await raw(image).jpeg({ quality: 30 }).toBuffer()),
        smaller: sharp(smaller).resize(IMAGE_SIZE),
        darker: raw(image).linear(0.7, 5),
      }
      for (const [name, changed] of Object.entries(again))
        expect(correlation(image, await decoded(changed)), name).toBeGreaterThan(0.985)
      expect(correlation(image, await picture(seed + 100))).toBeLessThan(0.9)
    }
  })

  it('of one grey, or of nothing, are 0', () => {
    expect(thumbnails(new Uint8Array(IMAGE_SIZE * IMAGE_SIZE * 3).fill(77), 1)).toEqual(
      new Float32Array(THUMBNAIL),
    )
    expect(thumbnails(new Uint8Array(0), 0)).toHaveLength(0)
  })
})
