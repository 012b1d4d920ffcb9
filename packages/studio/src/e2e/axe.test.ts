import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { chromium, openChromium } from '@arcface/testing/chromium'
import type { AxeResults } from 'axe-core'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Furnished, startFurnished } from '../testing/furnished.js'
import { type Look, openPage, settled } from '../testing/page.js'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const LOOKS: Look[] = [
  { language: 'en', theme: 'light' },
  { language: 'zh', theme: 'dark', width: 390, height: 844 },
]

describe.skipIf(!chromium)('every page, in Chromium', () => {
  let browser: Browser
  let studio: Furnished
  beforeAll(async () => {
    browser = await openChromium()
    studio = await startFurnished()
  }, 300_000)
  afterAll(async () => {
    await browser?.close()
    await studio?.close()
  })

  it.each(LOOKS)(
    'is one that axe finds nothing in: %j',
    async (look) => {
      const found: string[] = []
      for (const { name, path, isClosed } of studio.views) {
        const who = { url: studio.url, key: isClosed ? undefined : studio.key }
        const { page, troubles } = await openPage(browser, who, path, look)
        await settled(page)
        await page.evaluate(AXE)
        const { violations } = (await page.evaluate('axe.run()')) as AxeResults
        for (const { id, nodes } of violations)
          found.push(...nodes.map(({ html, target }) => `${name}: ${id}: ${target}: ${html}`))
        found.push(...troubles.map((trouble) => `${name}: ${trouble}`))
        // Nothing is cut off at the right, or has to be scrolled to.
        const width = (await page.evaluate('document.documentElement.scrollWidth')) as number
        if (width > (look.width ?? 1280)) found.push(`${name}: ${width} pixels wide`)
        await page.context().close()
      }
      expect(found).toEqual([])
    },
    600_000,
  )
})
