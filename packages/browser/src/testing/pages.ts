import { randomDetector, randomEmbedder } from '@arcface/testing'
import {
  buildPage,
  type SiteFiles,
  type SiteOptions,
  serveSite,
  troublesOf,
} from '@arcface/testing/chromium'
import type { Browser, Page } from 'playwright-core'

/** A page on which everything of the room is `arcface`, and the models of `MODELS` lie beside it. */
export interface RoomPage {
  readonly page: Page
  readonly troubles: readonly string[]
  readonly site: Awaited<ReturnType<typeof serveSite>>
}

/** Networks with random weights: they see, but know nobody. */
export const MODELS = { detector: 'models/detector.onnx', embedder: 'models/embedder.onnx' }

let built: Promise<string> | undefined

/** Opens the page; `files` lie beside it too. The site is closed with its page. */
export async function roomPage(
  browser: Pick<Browser, 'newPage'>,
  options: SiteOptions & { readonly files?: SiteFiles } = {},
): Promise<RoomPage> {
  built ??= buildPage({
    'main.js': "import * as arcface from '@arcface/browser'\nglobalThis.arcface = arcface",
  })
  const { files = {}, ...rest } = options
  const models = { [MODELS.detector]: randomDetector(), [MODELS.embedder]: randomEmbedder() }
  const site = await serveSite([files, await built, models], rest)
  const page = await browser.newPage()
  page.on('close', () => void site.close())
  const troubles = troublesOf(page)
  await page.goto(site.url)
  await page.waitForFunction('globalThis.arcface')
  return { page, troubles, site }
}
