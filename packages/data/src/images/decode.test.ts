import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { IMAGE_BYTES, IMAGE_SIZE } from '@arcface/vision'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkImage, decodeImage } from './decode.js'

/** Smooth enough to survive JPEG, and different in every channel, row and column. */
const pixels = new Uint8Array(IMAGE_BYTES)
for (let y = 0; y < IMAGE_SIZE; y++)
  for (let x = 0; x < IMAGE_SIZE; x++) pixels.set([2 * x, 2 * y, x + y], (y * IMAGE_SIZE + x) * 3)

const encode = (channels: 3 | 4, data: Uint8Array, size = IMAGE_SIZE) =>
  sharp(data, { raw: { width: size, height: data.length / channels / size, channels } })
const png = () => encode(3, pixels).png().toBuffer()
const jpeg = () => encode(3, pixels).jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer()

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'arcface-decode-'))
})
afterAll(() => rmSync(dir, { recursive: true }))

describe('decodeImage', () => {
  it('gives RGB rows of pixels, from bytes and from a path', async () => {
    expect(await decodeImage(await png())).toEqual(pixels)
    const path = join(dir, 'a.png')
    writeFileSync(path, await png())
    expect(await decodeImage(path)).toEqual(pixels)
  })

  it('reads JPEG close to the original', async () => {
    const decoded = await decodeImage(await jpeg())
    const worst = decoded.reduce((max, v, i) => Math.max(max, Math.abs(v - pixels[i]!)), 0)
    expect(worst).toBeLessThanOrEqual(12)
  })

  it('turns grey, alpha, 16 bit and CMYK into three channels of 8 bit', async () => {
    const grey = await decodeImage(await encode(3, pixels).greyscale().png().toBuffer())
    expect(grey.length).toBe(IMAGE_BYTES)
    expect(grey[300]).toBe(grey[301])
    expect(grey[300]).toBe(grey[302])
    const alpha = await decodeImage(await encode(3, pixels).ensureAlpha(0.5).png().toBuffer())
    expect(alpha).toEqual(pixels)
    const deep = await encode(3, pixels).toColourspace('rgb16').png().toBuffer()
    expect((await sharp(deep).metadata()).depth).toBe('ushort')
    expect(await decodeImage(deep)).toEqual(pixels)
    const cmyk = await encode(3, pixels).toColourspace('cmyk').jpeg().toBuffer()
    expect((await decodeImage(cmyk)).length).toBe(IMAGE_BYTES)
  })

  it('names a file that is missing, empty, no image, corrupt or truncated', async () => {
    const good = await jpeg()
    const cases: Record<string, Buffer> = {
      'empty.jpg': Buffer.alloc(0),
      'text.jpg': Buffer.from('this is no image'),
      'truncated.jpg': good.subarray(0, good.length / 2),
      'truncated.png': (await png()).subarray(0, 4000),
    }
    for (const [name, bytes] of Object.entries(cases)) writeFileSync(join(dir, name), bytes)
    for (const name of [...Object.keys(cases), 'missing.jpg'])
      await expect(decodeImage(join(dir, name)), name).rejects.toMatchObject({
        code: 'DATA_IMAGE_UNREADABLE',
        message: expect.stringContaining(name),
      })
  })

  it('is foretold by the header, but for what lies behind it', async () => {
    const good = await jpeg()
    const [whole, cut, text] = ['whole.jpg', 'cut.jpg', 'none.jpg'].map((name) => join(dir, name))
    writeFileSync(whole!, good)
    writeFileSync(cut!, good.subarray(0, good.length / 2))
    writeFileSync(text!, 'this is no image')
    await checkImage(whole!)
    await checkImage(cut!)
    await checkImage({ name: 'in memory', bytes: good })
    for (const path of [text!, join(dir, 'nowhere.jpg')])
      await expect(checkImage(path)).rejects.toMatchObject({
        code: 'DATA_IMAGE_UNREADABLE',
        message: expect.stringContaining(path),
      })
    const bytes = await encode(3, new Uint8Array(160 * 160 * 3), 160)
      .png()
      .toBuffer()
    await expect(checkImage({ name: 'large', bytes })).rejects.toMatchObject({
      code: 'DATA_IMAGE_SIZE',
      message: expect.stringContaining('large is 160 x 160 pixels'),
    })
  })

  it('refuses another size and says both, without decoding a huge image', async () => {
    for (const size of [111, 113, 4000])
      await expect(
        decodeImage(
          await encode(3, new Uint8Array(size * 50 * 3), size)
            .png()
            .toBuffer(),
        ),
      ).rejects.toMatchObject({
        code: 'DATA_IMAGE_SIZE',
        message: expect.stringMatching(new RegExp(`${size} x 50 pixels.*112 x 112`)),
      })
  })
})
