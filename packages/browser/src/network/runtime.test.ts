import { chromium, openChromium } from '@arcface/testing/chromium'
import { cosine } from '@arcface/vision'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MODELS, roomPage } from '../testing/pages.js'

interface Seen {
  readonly threads: number
  readonly cores: number
  readonly embedding: number[]
}

describe.skipIf(!chromium)('threads, in Chromium', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await openChromium()
  })
  afterAll(() => browser?.close())

  async function see(isolated: boolean, threads?: number): Promise<Seen> {
    const { page, troubles } = await roomPage(browser, { isolated })
    const options = { models: MODELS, quality: false, ...(threads && { threads }) }
    const seen = await page.evaluate(`(async () => {
      const recognizer = await arcface.Recognizer.open(${JSON.stringify(options)})
      const [width, height] = [320, 240]
      const pixels = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * i * 7919) % 256)
      const [{ embedding }] = await recognizer.embed({ width, height, pixels })
      const { threads } = recognizer.runtime
      await recognizer.close()
      return { threads, cores: navigator.hardwareConcurrency, embedding: [...embedding] }
    })()`)
    await page.close()
    expect(troubles).toEqual([])
    return seen as Seen
  }

  it('are several where the page is isolated, one else, and see the same', async () => {
    const [isolated, plain, asked] = [await see(true), await see(false, 4), await see(true, 1)]
    expect(isolated.threads).toBe(Math.min(isolated.cores, 4))
    expect([plain.threads, asked.threads]).toEqual([1, 1])
    for (const { embedding } of [plain, asked])
      expect(
        1 - cosine(Float32Array.from(embedding), Float32Array.from(isolated.embedding)),
      ).toBeLessThan(1e-5)
  }, 120_000)
})
