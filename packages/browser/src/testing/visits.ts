import { openChromium } from '@arcface/testing/chromium'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { type ModelSite, modelSite, visit } from './models.js'

/** One browser for all tests of a `describe`; each has a profile and sites of its own. */
export interface Visits {
  readonly context: BrowserContext
  /** The one served last. */
  readonly site: ModelSite
  serve(...site: Parameters<typeof modelSite>): Promise<ModelSite>
  /** A new tab with the page of `site`. */
  visited(): Promise<Page>
}

/** A host that is no secure context, though it is this computer. */
export const INSECURE = 'insecure.test'

export function useVisits(): Visits {
  let browser: Browser
  let context: BrowserContext
  const sites: ModelSite[] = []
  beforeAll(async () => {
    browser = await openChromium({ args: [`--host-resolver-rules=MAP ${INSECURE} 127.0.0.1`] })
  })
  afterAll(() => browser?.close())
  beforeEach(async () => {
    context = await browser.newContext()
  })
  afterEach(async () => {
    await context.close()
    for (const site of sites.splice(0)) await site.close()
  })
  return {
    get context() {
      return context
    },
    get site() {
      return sites.at(-1)!
    },
    async serve(...of) {
      const site = await modelSite(...of)
      sites.push(site)
      return site
    },
    visited: () => visit(context, sites.at(-1)!.url),
  }
}
