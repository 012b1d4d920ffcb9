import { createReadStream, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { readPhoto } from './photo.js'
import type { PhotoSource } from './source.js'

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
      refused(/0\.0 million pixels \(64 x 64\), and 0\.004032 million are allowed/),
    )
  })
})

describe('whatever holds a photograph', () => {
  const path = join(room, 'two pixels.png')
  const pixels = Uint8Array.of(255, 0, 0, 0, 0, 255)

  it('is read: paths, URLs, bytes, blobs, responses, streams', async () => {
    const bytes = await two().png().toBuffer()
    writeFileSync(path, bytes)
    const buffer = Uint8Array.from(bytes).buffer
    const shared = new SharedArrayBuffer(bytes.length)
    new Uint8Array(shared).set(bytes)
    const padded = new Uint8Array(bytes.length + 9)
    padded.set(bytes, 5)
    const base64 = bytes.toString('base64')
    const percent = [...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
    const sources: Record<string, PhotoSource> = {
      path,
      URL: pathToFileURL(path),
      'file: URL': pathToFileURL(path).href,
      'data: URL': `data:image/png;base64,${base64}`,
      'data: URL without base64': `data:image/png,${percent}`,
      Buffer: bytes,
      ArrayBuffer: buffer,
      SharedArrayBuffer: shared,
      'part of a buffer': padded.subarray(5, 5 + bytes.length),
      Uint8ClampedArray: new Uint8ClampedArray(bytes),
      DataView: new DataView(buffer),
      Blob: new Blob([bytes]),
      File: new File([bytes], 'a.png'),
      Response: new Response(bytes),
      'stream of Node': createReadStream(path),
      'stream in parts': Readable.from([bytes.subarray(0, 20), bytes.subarray(20)]),
      'stream of the web': new Blob([bytes]).stream() as unknown as AsyncIterable<Uint8Array>,
      Photo: { width: 2, height: 1, pixels },
    }
    for (const [kind, source] of Object.entries(sources))
      expect(await readPhoto(source), kind).toMatchObject({ width: 2, height: 1, pixels })
  })

  it('or holds none, is refused with a code, and its content stays out of the message', async () => {
    const secret = 'A'.repeat(3000)
    const photo = (width: unknown, height: unknown, bytes: unknown) =>
      ({ width, height, pixels: bytes }) as unknown
    const wrong: Record<string, unknown> = {
      number: 5,
      nothing: undefined,
      null: null,
      object: {},
      list: [1, 2, 3],
      floats: new Float32Array(9),
      http: 'https://example.org/a.jpg',
      base64: secret,
      '64 kB of text': `${secret}.`.repeat(20),
      'empty text': '',
      'another host': 'file://elsewhere/a.jpg',
      'stream of text': Readable.from(['a', 'b']),
      RGBA: photo(10, 10, new Uint8Array(400)),
      short: photo(10, 10, new Uint8Array(299)),
      'no pixels': photo(0, 0, new Uint8Array()),
      'no whole number': photo(1.5, 2, new Uint8Array(9)),
      'list of pixels': photo(1, 1, [1, 2, 3]),
    }
    for (const [kind, source] of Object.entries(wrong)) {
      const error = await readPhoto(source as PhotoSource).catch((thrown) => thrown)
      expect(error, kind).toMatchObject({ code: 'RECOGNIZE_USE' })
      expect(error.message.length, kind).toBeLessThan(300)
      expect(error.message).not.toContain('AAAA')
    }
    const unreadable: Record<string, PhotoSource> = {
      'data: URL of nothing': `data:image/png;base64,${secret}`,
      'data: URL without comma': `data:${secret}`,
      'used response': await used(),
      'stream that fails': createReadStream(join(room, 'none.png')),
      folder: room,
    }
    for (const [kind, source] of Object.entries(unreadable)) {
      const error = await readPhoto(source).catch((thrown) => thrown)
      expect(error, kind).toMatchObject({ code: 'RECOGNIZE_PHOTO' })
      expect(error.message).not.toContain('AAAA')
    }
    expect(
      (await readPhoto(photo(10, 10, new Uint8Array(400)) as PhotoSource).catch((e) => e)).message,
    ).toMatch(/300 bytes.*400.*RGBA/)
    await expect(readPhoto(path, { maxPixels: Number.NaN })).rejects.toMatchObject({
      code: 'RECOGNIZE_USE',
    })
  })

  async function used(): Promise<Response> {
    const response = new Response('x')
    await response.text()
    return response
  }

  it('is no SVG', async () => {
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    await expect(readPhoto(svg)).rejects.toMatchObject({
      code: 'RECOGNIZE_PHOTO',
      message: expect.stringMatching(/SVG/),
    })
  })
})
