import { createHash } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { buildPage, type Site, type SiteFiles, serveSite } from '@arcface/testing/chromium'
import type { BrowserContext, Page } from 'playwright-core'
import type { DownloadProgress } from '../models/progress.js'

// A page whose worker loads models and does nothing else, so that what they are does not matter.

const dist = join(import.meta.dirname, '../../dist')

const MAIN = `
import { absoluteModels } from '${dist}/models/source.js'
import { Remote } from '${dist}/rpc/client.js'
const remote = new Remote(new Worker(new URL('./worker.js', import.meta.url), { type: 'module' }))
globalThis.load = async (models, { signal, ...options } = {}) => {
  const told = []
  const ended = await remote
    .ask('load', { models: absoluteModels(models, document.baseURI), options }, {
      signal,
      onProgress: (one) => told.push(one),
    })
    .catch(({ name, code, message, hint }) => ({ error: { name, code, message, hint } }))
  return { ...ended, told }
}`
const WORKER = `
import { loadModels } from '${dist}/models/load.js'
import { serve } from '${dist}/rpc/server.js'
serve(self, {
  async load({ models, options }, { signal, progress }) {
    const warnings = []
    const onWarning = ({ code, message }) => warnings.push({ code, message })
    const loaded = await loadModels(models, { ...options, signal, onProgress: progress, onWarning })
    return { ...loaded, warnings }
  },
})`

let built: Promise<string> | undefined
const page = () => {
  built ??= buildPage({ 'main.js': MAIN, 'worker.js': WORKER })
  return built
}

export interface Loaded {
  readonly name: string
  readonly detector: { name: string; sha256: string }
  readonly landmarks?: { name: string; sha256: string }
  readonly embedder: { name: string; sha256: string }
  readonly thresholds?: unknown
  readonly preprocessing?: unknown
  readonly warnings: { code: string; message: string }[]
  readonly error?: { name: string; code: string; message: string; hint: string }
  readonly told: DownloadProgress[]
}

/** A server of models; `answers` come before `files`, and may change. */
export interface ModelSite {
  readonly url: string
  /** Of models and packs, in the order in which they came. */
  readonly asked: string[]
  answers: Record<string, (response: ServerResponse) => void>
  close(): Promise<void>
}

export async function modelSite(
  files: SiteFiles | readonly SiteFiles[],
  headers: Record<string, string> = {},
): Promise<ModelSite> {
  const asked: string[] = []
  const site: ModelSite = { asked, answers: {}, url: '', close: () => served.close() }
  const served: Site = await serveSite([...[files].flat(), await page()], {
    headers,
    answer: (request, response) => {
      const path = request.url!.slice(1).replace(/\?.*/, '')
      if (/\.(onnx|json)$/.test(path)) asked.push(path)
      const answer = site.answers[path]
      answer?.(response)
      return answer !== undefined
    },
  })
  return Object.assign(site, { url: served.url })
}

/** Opens the site's page. */
export async function visit(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(url)
  await page.waitForFunction('globalThis.load')
  return page
}

/** @param text the arguments of `load` in the page */
export const load = (page: Page, text: string): Promise<Loaded> =>
  page.evaluate(`load(${text}).then((loaded) => {
    for (const part of ['detector', 'landmarks', 'embedder']) delete loaded[part]?.bytes
    return loaded
  })`)

/** Bytes that begin as no page does. */
export const modelBytes = (seed: number, length = 40_000): Buffer =>
  Buffer.from(Uint8Array.from({ length }, (_, i) => (i === 0 ? 8 : (i * seed * 7919) >> 5)))

export const sha = (kind: 'sha256' | 'sha512', bytes: Uint8Array): string =>
  createHash(kind).update(bytes).digest('hex')
