import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { readPhoto } from './photo.js'

const room = mkdtempSync(join(tmpdir(), 'photo-'))
/** Two pixels wide, one high: red, then blue. */
const two = () =>
  sharp(Uint8Array.of(255, 0, 0, 0, 0, 255), { raw: { width: 2, height: 1, channels: 3 } })

describe('readPhoto', () => {
  it('turns a photograph upright as its EXIF data say', async () => {
    // 6: the camera was turned; what is left in the file is on top.
    const bytes = await two().withMetadata({ orientation: 6 }).png().toBuffer()
    expect(await readPhoto(bytes)).toMatchObject({
      width: 1,
      height: 2,
      pixels: Uint8Array.of(255, 0, 0, 0, 0, 255),
    })
  })

  it('gives RGB of grey, and of transparent pixels what lies on black', async () => {
    const grey = sharp(Uint8Array.of(7, 9), { raw: { width: 2, height: 1, channels: 1 } })
    const png = await grey.toColourspace('b-w').png().toBuffer()
    expect([...(await readPhoto(png)).pixels]).toEqual([7, 7, 7, 9, 9, 9])
    const clear = sharp(Uint8Array.of(200, 100, 50, 0), {
      raw: { width: 1, height: 1, channels: 4 },
    })
    expect([...(await readPhoto(await clear.png().toBuffer())).pixels]).toEqual([0, 0, 0])
  })

  it('takes the first picture of an animation', async () => {
    const gif = await sharp(Buffer.alloc(4 * 8 * 3, 90), {
      raw: { width: 4, height: 8, channels: 3, pageHeight: 4 },
    })
      .gif()
      .toBuffer()
    const { width, height } = await readPhoto(gif)
    expect([width, height]).toEqual([4, 4])
  })

  it('refuses what is no photograph, is cut short, or would be a bomb', async () => {
    const refused = (message: RegExp) => ({
      code: 'RECOGNIZE_PHOTO',
      message: expect.stringMatching(message),
    })
    await expect(readPhoto(join(room, 'none.jpg'))).rejects.toMatchObject(refused(/none\.jpg/))
    const text = join(room, 'text.jpg')
    writeFileSync(text, 'no picture')
    await expect(readPhoto(text)).rejects.toMatchObject(refused(/text\.jpg cannot be read/))
    const noise = Buffer.from(Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 7919) % 256))
    const jpeg = await sharp(noise, { raw: { width: 64, height: 64, channels: 3 } })
      .jpeg()
      .toBuffer()
    await expect(readPhoto(jpeg.subarray(0, jpeg.length / 2))).rejects.toMatchObject(
      refused(/cannot be read/),
    )
    await expect(readPhoto(jpeg, { maxPixels: 64 * 63 })).rejects.toMatchObject(
      refused(/million pixels/),
    )
  })
})
