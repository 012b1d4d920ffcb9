import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { readPhoto } from '@arcface/recognize'
import { kindsOfPatterns } from '@arcface/testing'
import {
  buildPage,
  chromium,
  openChromium,
  type Site,
  serveSite,
  troublesOf,
} from '@arcface/testing/chromium'
import type { Browser, Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** Both sides of the way to the worker, on one page. */
const DIST = join(import.meta.dirname, '../../dist/photo')
const MAIN = `
  import { photoReader } from ${JSON.stringify(join(DIST, 'reader.js'))}
  import { sending } from ${JSON.stringify(join(DIST, 'source.js'))}
  globalThis.through = async (source) => {
    const { photo, transfer } = await sending(source)
    const sent = structuredClone(photo, { transfer })
    const sides = (sent.strips ?? []).map(({ width, height }) => [width, height])
    const read = await photoReader().use(sent, {}, async (photo) => photo)
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', read.pixels))
    const sha256 = [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('')
    return { width: read.width, height: read.height, sha256, sides }
  }`

describe.skipIf(!chromium)('whatever of a page holds a picture, in Chromium', () => {
  /** More than what is copied at once. */
  const [width, height] = [1700, 2100]
  let browser: Browser
  let site: Site
  let other: Site
  let page: Page
  let troubles: readonly string[]
  let png: Buffer
  beforeAll(async () => {
    const { pixels } = kindsOfPatterns.rings!(3, width, height)
    for (let i = 0; i < pixels.length; i += 3) pixels[i] = (i >> 4) & 255
    png = await sharp(pixels, { raw: { width, height, channels: 3 } })
      .png()
      .toBuffer()
    const small = await sharp(png).resize(40, 50).png().toBuffer()
    other = await serveSite({ 'a.png': png, 'b.png': small })
    site = await serveSite([{ 'a.png': png }, await buildPage({ 'main.js': MAIN })])
    browser = await openChromium()
    page = await browser.newPage()
    troubles = troublesOf(page)
    await page.goto(site.url)
    await page.waitForFunction('globalThis.through')
    await page.evaluate(`(async () => {
      globalThis.file = await (await fetch('a.png')).blob()
      globalThis.image = new Image()
      image.src = 'a.png'
      globalThis.bitmap = await createImageBitmap(file)
      globalThis.canvas = document.createElement('canvas')
      canvas.width = bitmap.width
      canvas.height = bitmap.height
      const context = canvas.getContext('2d', { willReadFrequently: true })
      context.drawImage(bitmap, 0, 0)
      globalThis.data = context.getImageData(0, 0, canvas.width, canvas.height)
      globalThis.offscreen = new OffscreenCanvas(canvas.width, canvas.height)
      offscreen.getContext('2d').drawImage(bitmap, 0, 0)
      const pixels = new Uint8Array(data.width * data.height * 3)
      for (let i = 0; i < pixels.length; i++) pixels[i] = data.data[4 * Math.floor(i / 3) + (i % 3)]
      globalThis.photo = { width: data.width, height: data.height, pixels }
    })()`)
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await site?.close()
    await other?.close()
  })

  const sources = {
    'a Blob': 'file',
    'an ArrayBuffer': 'await file.arrayBuffer()',
    'a Uint8Array': 'new Uint8Array(await file.arrayBuffer())',
    'an <img>': 'image',
    'a <canvas>': 'canvas',
    'an OffscreenCanvas': 'offscreen',
    'an ImageBitmap': 'bitmap',
    ImageData: 'data',
    'a VideoFrame': 'new VideoFrame(canvas, { timestamp: 0 })',
    'pixels of RGB': 'photo',
  }

  it.each(Object.entries(sources))('%s gives the pixels of the file, twice', async (_, text) => {
    const expected = createHash('sha256')
      .update((await readPhoto(png)).pixels)
      .digest('hex')
    const through = `(async () => {
      const source = ${text}
      return [await through(source), await through(source)]
    })()`
    const [first, again] = (await page.evaluate(through)) as object[]
    expect(first).toMatchObject({ width, height, sha256: expected })
    expect(again).toEqual(first)
    expect(troubles).toEqual([])
  })

  it.each([
    ['an <img>', 'a.png', 'foreign'],
    ['a small <img>', 'b.png', 'foreign'],
    ['a <canvas> with one on it', 'b.png', 'tainted'],
  ])('%s of another origin is refused, with what to do', async (_, file, source) => {
    const error = await page.evaluate(`(async () => {
      const foreign = new Image()
      foreign.src = '${other.url}${file}'
      await foreign.decode()
      const tainted = document.createElement('canvas')
      tainted.getContext('2d').drawImage(foreign, 0, 0)
      return through(${source}).catch(({ name, code, message, hint }) => ({ name, code, message, hint }))
    })()`)
    expect(error).toMatchObject({
      code: 'BROWSER_PHOTO',
      message: expect.stringContaining('another origin'),
      hint: expect.stringContaining('crossorigin'),
    })
  })

  it('a large <img> crosses in strips, for the page to draw frames between them', async () => {
    const { sides } = (await page.evaluate('through(image)')) as { sides: [number, number][] }
    expect(sides.length).toBeGreaterThan(2)
    for (const [across, down] of sides) expect(across * down).toBeLessThan(1.6e6)
  })
})
