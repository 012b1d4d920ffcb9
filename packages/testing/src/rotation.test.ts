import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import { Rotation } from '@arcface/vision'
import { expect, it } from 'vitest'
import { buildPage, chromium, openChromium, serveSite } from './chromium/index.js'

it.skipIf(!chromium)(
  'a rotation makes the same bits of templates in Chromium as in Node',
  async () => {
    const n = 128
    const key = Uint8Array.from({ length: 32 }, (_, i) => (i * 101) % 256)
    const embeddings = Float32Array.from({ length: 20 * n }, (_, i) => ((i * 7919) % 1000) - 500)
    const rotation = await Rotation.of(key, n, 'page')
    const here = createHash('sha256')
      .update(rotation.turn(embeddings))
      .update(rotation.turnBack(embeddings))
    const vision = createRequire(import.meta.url).resolve('@arcface/vision')
    const source = `
    import { Rotation } from ${JSON.stringify(vision)}
    globalThis.templates = async (key, n) => {
      const embeddings = Float32Array.from({ length: 20 * n }, (_, i) => ((i * 7919) % 1000) - 500)
      const rotation = await Rotation.of(Uint8Array.from(key), n, 'page')
      const both = [rotation.turn(embeddings), rotation.turnBack(embeddings)]
      const digest = await crypto.subtle.digest('SHA-256', await new Blob(both).arrayBuffer())
      return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
    }`
    const site = await serveSite([await buildPage({ 'main.js': source })])
    const browser = await openChromium()
    try {
      const page = await browser.newPage()
      await page.goto(site.url)
      await page.waitForFunction('globalThis.templates')
      expect(await page.evaluate(`templates([${key}], ${n})`)).toBe(here.digest('hex'))
    } finally {
      await browser.close()
      await site.close()
    }
  },
  120_000,
)
