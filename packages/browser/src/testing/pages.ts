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

export const modelFiles = () => ({
  [MODELS.detector]: randomDetector(),
  [MODELS.embedder]: randomEmbedder(),
})

export interface RoomOptions extends SiteOptions {
  /** Lie beside the page too. */
  readonly files?: SiteFiles
  /** Done in the page first. */
  readonly main?: string
}

const built = new Map<string, Promise<string>>()

/** Opens the page. The site is closed with it. */
export async function roomPage(
  browser: Pick<Browser, 'newPage'>,
  options: RoomOptions = {},
): Promise<RoomPage> {
  const { files = {}, main = '', ...rest } = options
  const folder =
    built.get(main) ??
    buildPage({
      'main.js': `import * as arcface from '@arcface/browser'\n${main}\nglobalThis.arcface = arcface`,
    })
  built.set(main, folder)
  const site = await serveSite([files, await folder, modelFiles()], rest)
  const page = await browser.newPage()
  page.on('close', () => void site.close())
  const troubles = troublesOf(page)
  await page.goto(site.url)
  // Not `waitForFunction`, which a strict policy forbids.
  while (!(await page.evaluate('Boolean(globalThis.arcface)'))) await page.waitForTimeout(20)
  return { page, troubles, site }
}
