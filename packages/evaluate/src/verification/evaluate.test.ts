import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PairList } from '@arcface/data'
import { IMAGE_BYTES, mirrorImages } from '@arcface/vision'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { evaluateVerification, evaluateVerificationBoth } from '../run/verification.js'
import { verification } from './verification.js'

let dir: string
let pairs: PairList
const raw: Uint8Array[] = []

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'arcface-evaluate-'))
  const images: string[] = []
  for (let i = 0; i < 7; i++) {
    // Different left and right, so that mirroring matters.
    const pixels = Uint8Array.from({ length: IMAGE_BYTES }, (_, k) =>
      Math.floor(k / 3) % 112 < 40 + i ? 20 + 30 * i : (k * (i + 1)) % 251,
    )
    const path = join(dir, `${i}.png`)
    await sharp(pixels, { raw: { width: 112, height: 112, channels: 3 } }).toFile(path)
    images.push(path)
    raw.push(pixels)
  }
  const a = Int32Array.of(0, 1, 2, 3, 4, 5)
  const b = Int32Array.of(1, 2, 3, 4, 5, 6)
  pairs = { images, a, b, same: Uint8Array.of(1, 0, 1, 0, 1, 0), folds: 3 }
})
afterAll(() => rm(dir, { recursive: true }))

/** A model whose output can be recomputed: sums of the image's left, middle and right thirds. */
function thirds(image: Uint8Array): number[] {
  const sums = [1, 2, 3]
  image.forEach((value, k) => {
    sums[Math.floor((Math.floor(k / 3) % 112) / 38)]! += value / 1e4
  })
  return sums
}

async function embed(images: Uint8Array, n: number): Promise<Float32Array> {
  const rows = Array.from({ length: n }, (_, i) =>
    thirds(images.subarray(i * IMAGE_BYTES, (i + 1) * IMAGE_BYTES)),
  )
  return Float32Array.from(rows.flat())
}

const mirrored = (image: Uint8Array) =>
  image.map((_, k) => {
    const [pixel, channel] = [Math.floor(k / 3), k % 3]
    const [row, column] = [Math.floor(pixel / 112), pixel % 112]
    return image[(row * 112 + 111 - column) * 3 + channel]!
  })

describe('evaluateVerification', () => {
  it.each([1, 3, 32])(
    'decodes, embeds and applies the protocol, %d at a time',
    async (batchSize) => {
      const seen: number[] = []
      const plain = Float32Array.from(raw.flatMap(thirds))
      const sum = plain.map((v, i) => v + Math.fround(raw.flatMap((r) => thirds(mirrored(r)))[i]!))
      const expected = (embeddings: Float32Array) =>
        verification({ ...pairs, embeddings, dim: 3 }).similarities
      const onProgress = (done: number) => seen.push(done)
      const result = await evaluateVerification(pairs, embed, { batchSize, onProgress })
      expect(result.similarities).toEqual(expected(plain))
      expect(seen.at(-1)).toBe(7)
      expect(seen.length).toBe(Math.ceil(7 / batchSize))

      const withFlip = await evaluateVerification(pairs, embed, { batchSize, flip: true })
      expect(withFlip.similarities).toEqual(expected(sum))
      expect(withFlip.similarities).not.toEqual(result.similarities)
      const both = await evaluateVerificationBoth(pairs, embed, { batchSize })
      expect(both).toEqual({ plain: result, flip: withFlip })
    },
  )

  it('names the image that cannot be decoded', async () => {
    const path = join(dir, 'broken.jpg')
    await writeFile(path, 'not an image')
    const images = [...pairs.images.slice(0, 6), path]
    await expect(evaluateVerification({ ...pairs, images }, embed)).rejects.toMatchObject({
      code: 'DATA_IMAGE_UNREADABLE',
      message: expect.stringContaining('broken.jpg'),
    })
  })

  it('names the image whose embedding is bad', async () => {
    const nan = async (_: Uint8Array, n: number) => new Float32Array(3 * n).fill(Number.NaN)
    await expect(evaluateVerification(pairs, nan)).rejects.toMatchObject({
      code: 'EVALUATE_EMBEDDING',
      message: expect.stringContaining('0.png'),
    })
  })

  it.each([
    ['too few numbers', async () => new Float32Array(5)],
    ['none', async () => new Float32Array(0)],
    [
      'another length in the second batch',
      async (_: Uint8Array, n: number) => new Float32Array(n === 4 ? 8 : 9).fill(1),
    ],
  ])('refuses a model that gives %s', async (_, model) => {
    await expect(evaluateVerification(pairs, model, { batchSize: 4 })).rejects.toMatchObject({
      code: 'EVALUATE_SHAPE',
    })
  })

  it('refuses a batch of none', async () => {
    await expect(evaluateVerification(pairs, embed, { batchSize: 0 })).rejects.toMatchObject({
      code: 'EVALUATE_OPTION',
    })
  })
})

describe('mirrorImages', () => {
  it('mirrors each image, and twice is nothing', () => {
    const two = Uint8Array.from([...raw[0]!, ...raw[1]!])
    expect(mirrorImages(two)).toEqual(Uint8Array.from([...mirrored(raw[0]!), ...mirrored(raw[1]!)]))
    expect(mirrorImages(mirrorImages(two))).toEqual(two)
  })
})
