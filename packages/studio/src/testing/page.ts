import { troublesOf } from '@arcface/testing/chromium'
import type { Browser, Page } from 'playwright-core'
import type { Studio } from './studio.js'

export interface Look {
  readonly language?: 'en' | 'zh'
  readonly theme?: 'light' | 'dark'
  /** In CSS pixels. */
  readonly width?: number
  readonly height?: number
}

/**
 * Opens a page of a studio in a context of its own, signed in where the server wants a key.
 * @param path such as `/people` @returns the page and what goes wrong in it: see `troublesOf`
 */
export async function openPage(
  browser: Browser,
  { url, key }: Pick<Studio, 'url' | 'key'>,
  path = '/',
  { language = 'en', theme = 'light', width = 1280, height = 800 }: Look = {},
): Promise<{ page: Page; troubles: readonly string[] }> {
  const context = await browser.newContext({
    ...{ baseURL: url, viewport: { width, height } },
    ...{ locale: language, colorScheme: theme },
  })
  if (key !== undefined) {
    const answer = await context.request.post('/v1/session', { headers: { 'x-api-key': key } })
    if (!answer.ok()) throw new Error(`no session: ${await answer.text()}`)
  }
  const page = await context.newPage()
  const troubles = troublesOf(page)
  await page.goto(path)
  await page.locator('main h1').waitFor()
  return { page, troubles }
}

/** Waits until a page has what it shows: nothing that loads is left, and for a moment nothing was asked for. */
export async function settled(page: Page): Promise<void> {
  let last = Date.now()
  const asked = () => {
    last = Date.now()
  }
  page.on('request', asked).on('requestfinished', asked)
  const loading = page.getByText(/^(Loading …|正在加载……)$/)
  while (Date.now() - last < 700 || (await loading.count()) > 0) {
    if (Date.now() - last > 20_000) break
    await page.waitForTimeout(100)
  }
  page.off('request', asked).off('requestfinished', asked)
}
