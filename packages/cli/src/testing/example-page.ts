import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { REPOSITORY } from '@arcface/testing'
import { openProfile, type Site, serveSite, troublesOf } from '@arcface/testing/chromium'
import type { BrowserContext, LaunchOptions, Page, Request } from 'playwright-core'
import { build } from 'vite'

const ROOT = join(REPOSITORY, 'examples/browser')
/** Below its host. */
const PLACE = 'in/a/folder/'

export interface Networks {
  readonly detector: Uint8Array
  readonly embedder: Uint8Array
}

/** Builds examples/browser with these networks as the pack beside it; its thresholds are made up. @returns the folder */
export async function builtExample({ detector, embedder }: Networks): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'example-'))
  const publicDir = join(folder, 'public')
  // Not the models that somebody has laid there.
  const filter = (path: string) => path !== join(ROOT, 'public/models')
  cpSync(join(ROOT, 'public'), publicDir, { recursive: true, filter })
  const download = (name: string) => ({
    format: 'onnx',
    sources: [{ kind: 'https', url: `https://models.invalid/${name}` }],
    files: [{ name }],
  })
  const pack = {
    name: 'tried',
    title: 'What is tried',
    licence: { name: 'none', url: 'https://models.invalid/', commercial: false },
    downloads: [download('detector.onnx'), download('embedder.onnx')],
    detector: 'detector.onnx',
    embedder: {
      file: 'embedder.onnx',
      thresholds: { source: 'a test', cosine: { '1e-1': 0.2, '1e-3': 0.35, '1e-5': 0.5 } },
    },
  }
  mkdirSync(join(publicDir, 'models'))
  writeFileSync(join(publicDir, 'models/pack.json'), JSON.stringify(pack))
  writeFileSync(join(publicDir, 'models/detector.onnx'), detector)
  writeFileSync(join(publicDir, 'models/embedder.onnx'), embedder)
  const outDir = join(folder, 'dist')
  await build({ root: ROOT, publicDir, logLevel: 'error', build: { outDir, emptyOutDir: true } })
  return outDir
}

/** The example in a browser of its own. */
export interface ExamplePage {
  readonly site: Site
  readonly page: Page
  readonly context: BrowserContext
  /** Errors, and what breaks the page's policy. */
  readonly troubles: readonly string[]
  /** What the page, its worker and its service worker ask for from now on. */
  requests(): Request[]
  /** To a section, by its link. */
  show(link: string): Promise<void>
  close(): Promise<void>
}

/** Serves a build from a host that sets no headers, below a folder, and opens it. */
export async function openExample(dist: string, options: LaunchOptions = {}): Promise<ExamplePage> {
  const site = await serveSite({ [PLACE]: dist })
  const context = await openProfile(mkdtempSync(join(tmpdir(), 'profile-')), options)
  const page = await context.newPage()
  const troubles = troublesOf(page)
  await page.goto(site.url + PLACE)
  return {
    site,
    page,
    context,
    troubles,
    requests() {
      const seen: Request[] = []
      context.on('request', (request) => seen.push(request))
      return seen
    },
    show: (link) => page.getByRole('link', { name: link }).click(),
    async close() {
      await context.close()
      await site.close()
    },
  }
}
