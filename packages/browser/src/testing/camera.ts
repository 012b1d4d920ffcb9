import { openChromium } from '@arcface/testing/chromium'
import type { Browser, BrowserContext, LaunchOptions } from 'playwright-core'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { type RoomOptions, type RoomPage, roomPage } from './pages.js'

/** A Chromium with a camera that plays `video`, or a picture of its own; a page needs permission: `withPermission`. */
export const withCamera = (video?: string): LaunchOptions => ({
  args: [
    '--use-fake-device-for-media-stream',
    ...(video === undefined ? [] : [`--use-file-for-fake-video-capture=${video}`]),
  ],
})

/** A context whose pages may use the camera. */
export async function withPermission(browser: Browser): Promise<BrowserContext> {
  const context = await browser.newContext()
  await context.grantPermissions(['camera'])
  return context
}

/**
 * For the tests of a block: opens the room's page before a camera, in a context of its own that ends with its test.
 * @returns what opens one that may use the camera, or may not
 */
export function cameraVisits(options?: RoomOptions) {
  let browser: Browser
  const open: BrowserContext[] = []
  beforeAll(async () => {
    browser = await openChromium(withCamera())
  })
  afterEach(async () => {
    for (const context of open.splice(0)) await context.close()
  })
  afterAll(() => browser?.close())
  return async (isAllowed = true): Promise<RoomPage & { readonly context: BrowserContext }> => {
    const context = isAllowed ? await withPermission(browser) : await browser.newContext()
    open.push(context)
    return { ...(await roomPage(context, options)), context }
  }
}
