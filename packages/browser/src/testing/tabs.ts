import { join } from 'node:path'
import { REPOSITORY, randomEmbedder } from '@arcface/testing'
import { buildPage, openChromium, serveSite } from '@arcface/testing/chromium'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { MODELS, modelFiles } from './pages.js'

/** Length of the random embedder's embeddings. */
export const DIM = 128

/** An embedder of other weights: another model. */
export const OTHER = 'models/other.onnx'

/** A tab in which `recognizer` is open. */
export interface Tab {
  readonly page: Page
  /**
   * Runs statements in the page, which know `arcface`, `example` (examples/page/gallery.js), `recognizer`, its `gallery`, `face(seed)` (a unit vector) and `given`.
   * @returns what they return, or what of an error a caller sees
   */
  run<T>(statements: string, given?: unknown): Promise<T>
}

export interface Tabs {
  /** @param options of `Recognizer.open` but the models, as text; or what opens in place of it */
  open(options?: string, embedder?: string): Promise<Tab>
  close(): Promise<void>
}

let built: Promise<string> | undefined

/** Tabs of one site in one profile. */
export async function openTabs(context: Pick<BrowserContext, 'newPage'>): Promise<Tabs> {
  built ??= buildPage({
    'main.js': `
      import * as arcface from '@arcface/browser'
      import { Random } from '@arcface/vision'
      import * as example from '${join(REPOSITORY, 'examples/page/gallery.js')}'
      Object.assign(globalThis, { arcface, example })
      globalThis.face = (seed, dim = ${DIM}) => {
        const random = new Random(seed)
        const vector = Float32Array.from({ length: dim }, () => random.normal())
        const length = Math.hypot(...vector)
        return vector.map((value) => value / length)
      }`,
  })
  const site = await serveSite([await built, { ...modelFiles(), [OTHER]: randomEmbedder(7) }])
  return {
    async open(options = '', embedder = MODELS.embedder) {
      const page = await context.newPage()
      await page.goto(site.url)
      await page.waitForFunction('globalThis.arcface')
      const models = JSON.stringify({ detector: MODELS.detector, embedder })
      await page.evaluate(
        `arcface.Recognizer.open({ models: ${models}, ${options} }).then((one) => { globalThis.recognizer = one })`,
      )
      return {
        page,
        run: <T>(statements: string, given?: unknown) =>
          page.evaluate<T>(
            `(async (given) => {
              const { arcface, example, recognizer, face } = globalThis
              const { gallery } = recognizer
              ${statements}
            })(${JSON.stringify(given)}).catch(({ name, code, message, hint }) => ({ name, code, message, hint }))`,
          ),
      }
    },
    close: () => site.close(),
  }
}

/**
 * Opens a profile with one tab before each test of a block, and closes it behind it.
 * @param take is given the tabs, the first of them, and their profile
 */
export function beforeEachTab(
  take: (tabs: Tabs, tab: Tab, context: BrowserContext) => void,
  options?: string,
): void {
  let browser: Browser
  beforeAll(async () => {
    browser = await openChromium()
  })
  afterAll(() => browser?.close())
  beforeEach(async () => {
    const context = await browser.newContext()
    const tabs = await openTabs(context)
    take(tabs, await tabs.open(options), context)
    return async () => {
      await context.close()
      await tabs.close()
    }
  })
}
