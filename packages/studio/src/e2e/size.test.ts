import { statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { REPOSITORY } from '@arcface/testing'
import { chromium, openChromium } from '@arcface/testing/chromium'
import { expect, it } from 'vitest'
import { openPage, settled } from '../testing/page.js'
import { startStudio } from '../testing/studio.js'

/** Bytes, gzipped, of what a page loads before charts. */
const MOST = 300_000
const CHARTS = /^(lines|echart)-/
const ASSETS = join(REPOSITORY, 'packages/server/studio/assets')

const packedBytes = (url: string) => statSync(join(ASSETS, `${basename(url)}.gz`)).size

it.skipIf(!chromium)(
  'a page loads at most 300 kB before charts, all of it from its server',
  async () => {
    const browser = await openChromium()
    const studio = await startStudio()
    try {
      const first = await openPage(browser, studio)
      const links = first.page.locator('nav a')
      const paths = await links.evaluateAll((all) => all.map((one) => one.getAttribute('href')!))
      expect(paths.length).toBeGreaterThan(8)
      for (const path of ['/', ...paths]) {
        const { page } = await openPage(browser, studio, path)
        await settled(page)
        const loaded = (await page.evaluate(
          'performance.getEntriesByType("resource").map(({ name }) => name)',
        )) as string[]
        expect(loaded.filter((url) => !url.startsWith(`${studio.url}/`))).toEqual([])
        const assets = [...new Set(loaded)].filter((url) => url.includes('/assets/'))
        expect(assets.some((url) => url.endsWith('.js'))).toBe(true)
        const bytes = assets
          .filter((url) => !CHARTS.test(basename(url)))
          .reduce((sum, url) => sum + packedBytes(url), 0)
        expect([path, bytes, bytes <= MOST]).toEqual([path, bytes, true])
        await page.context().close()
      }
    } finally {
      await browser.close()
      await studio.close()
    }
  },
)
