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
import sharp, { type Sharp } from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const [width, height] = [75, 54]
const { pixels } = kindsOfPatterns.plaid!(3, width, height)
/** No two of its sides, colours or corners are alike. */
const colours = Uint8Array.from({ length: 3 * width * height }, (_, i) => {
  const at = Math.floor(i / 3)
  const [x, y] = [(at % width) / width, Math.floor(at / width) / height]
  return pixels[i]! * [x, y, 1 - x * y][i % 3]!
})
const drawn = (): Sharp => sharp(colours, { raw: { width, height, channels: 3 } })
const turned = (orientation: number) => drawn().withMetadata({ orientation })
/** More to be seen through the more it is on the right. */
const clear = (): Sharp => {
  const alpha = Uint8Array.from(
    { length: width * height },
    (_, i) => 255 - ((i % width) * 255) / width,
  )
  return drawn().joinChannel(Buffer.from(alpha), { raw: { width, height, channels: 1 } })
}

const READ: Record<string, () => Sharp> = {
  ...Object.fromEntries(
    Array.from({ length: 8 }, (_, i) => [`${i + 1}.jpg`, () => turned(i + 1).jpeg()]),
  ),
  ...Object.fromEntries(
    Array.from({ length: 8 }, (_, i) => [`${i + 1}.webp`, () => turned(i + 1).webp()]),
  ),
  'turned.png': () => turned(6).png(),
  'turned.avif': () => turned(6).avif(),
  'clear.png': () => clear().png(),
  'clear.webp': () => clear().webp({ lossless: true }),
  'grey.jpg': () => drawn().greyscale().jpeg(),
  'grey.png': () => drawn().greyscale().png(),
  'deep.png': () => drawn().toColourspace('rgb16').png(),
  'few colours.png': () => drawn().png({ palette: true }),
  'progressive.jpg': () => drawn().jpeg({ progressive: true }),
  'wide gamut.jpg': () => drawn().withIccProfile('p3').jpeg(),
  'wide gamut.png': () => drawn().withIccProfile('p3').png(),
  'animated.gif': () =>
    sharp(Buffer.concat([colours, colours.toReversed()]), {
      raw: { width, height: 2 * height, channels: 3, pageHeight: height },
    }).gif(),
}

const jpeg = await drawn().jpeg().toBuffer()
const png = await drawn().png().toBuffer()
const REFUSED: Record<string, readonly [Uint8Array, RegExp]> = {
  'empty.jpg': [new Uint8Array(), /the file is empty/],
  'text.jpg': [Buffer.from('no picture'), /it is no JPEG, PNG/],
  'drawing.svg': [
    Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
    /perhaps SVG/,
  ],
  'page.png': [Buffer.from('<!doctype html>'), /HTML/],
  'phone.heic': [Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'), /HEIC.*sips/s],
  'cut.jpg': [jpeg.subarray(0, jpeg.length / 2), /cut short.*JPEG/],
  'cut.png': [png.subarray(0, png.length / 2), /cut short.*PNG/],
  'scan.tiff': [await drawn().tiff().toBuffer(), /TIFF/],
  'inks.jpg': [await drawn().toColourspace('cmyk').jpeg().toBuffer(), /CMYK.*RGB/s],
}

/** What the worker reads with, on a page of its own. */
const READER = join(import.meta.dirname, '../../dist/photo/reader.js')
const MAIN = `
  import { photoReader } from ${JSON.stringify(READER)}
  globalThis.read = async (name) => {
    const file = new File([await (await fetch(name)).blob()], name)
    return photoReader().use({ kind: 'file', file, name }, {}, async (photo) => photo)
  }`

describe.skipIf(!chromium)('image files in a page, in Chromium', () => {
  let browser: Browser
  let site: Site
  let page: Page
  let troubles: readonly string[]
  const files: Record<string, Uint8Array> = {}
  beforeAll(async () => {
    for (const [name, make] of Object.entries(READ)) files[name] = await make().toBuffer()
    for (const [name, [bytes]] of Object.entries(REFUSED)) files[name] = bytes
    site = await serveSite([files, await buildPage({ 'main.js': MAIN })])
    browser = await openChromium()
    page = await browser.newPage()
    troubles = troublesOf(page)
    await page.goto(site.url)
    await page.waitForFunction('globalThis.read')
  })
  afterAll(async () => {
    await browser?.close()
    await site?.close()
  })

  it.each(Object.keys(READ))('%s is read as in Node, to a grey level', async (name) => {
    const node = await readPhoto(files[name]!)
    const read = (await page.evaluate(
      `read('${name}').then((photo) => ({ ...photo, pixels: [...photo.pixels] }))`,
    )) as { name: string; width: number; height: number; pixels: number[] }
    const { width, height } = node
    expect(read).toMatchObject({ name, width, height })
    expect(read.pixels.length).toBe(node.pixels.length)
    const off = read.pixels.map((value, i) => Math.abs(value - node.pixels[i]!))
    expect(Math.max(...off)).toBeLessThanOrEqual(1)
    expect(new Set(read.pixels).size).toBeGreaterThan(20)
    expect(troubles).toEqual([])
  })

  it.each(Object.keys(REFUSED))('%s: is said with its name and what to do', async (name) => {
    const error = (await page.evaluate(
      `read('${name}').catch(({ code, message, hint }) => ({ code, message, hint }))`,
    )) as { code: string; message: string; hint: string }
    expect(error).toMatchObject({
      code: 'BROWSER_PHOTO',
      message: expect.stringContaining(name),
      hint: expect.any(String),
    })
    expect(`${error.message} ${error.hint}`).toMatch(REFUSED[name]![1])
  })
})
