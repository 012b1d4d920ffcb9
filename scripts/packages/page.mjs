// A stranger's page: built by Vite, and served by it while it is written; opened where there is a Chromium.
import { cpSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { chromium, openChromium, serveSite } from '../../packages/testing/dist/chromium/index.js'
import { typed } from './compile.mjs'
import { Project } from './project.mjs'

const viteVersion = createRequire(import.meta.url)('vite/package.json').version
/** What an offline page needs to be let do. */
const CSP = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'"

/**
 * @param {import('./install.mjs').Place} place
 * @param models a detector with YuNet's outputs and an embedder, bytes
 */
export async function usePage({ folder, setting, step }, { detector, embedder }) {
  const page = new Project(join(folder, 'page'), setting)
  cpSync(join(import.meta.dirname, 'use/page'), page.folder, { recursive: true })
  mkdirSync(join(page.folder, 'public/models'), { recursive: true })
  page.write('public/models/detector.onnx', detector)
  page.write('public/models/embedder.onnx', embedder)
  await step('npm install @arcface/browser onnxruntime-web vite', () =>
    page.install('@arcface/browser', 'onnxruntime-web', `vite@${viteVersion}`),
  )
  const vite = [process.execPath, join(page.folder, 'node_modules/vite/bin/vite.js')]
  await step('a page by vite build', async () => {
    await page.run(vite, 'build')
    return sizes(join(page.folder, 'dist/assets'))
  })
  await inChromium(step, 'the built page', async () => {
    const site = await serveSite(join(page.folder, 'dist'), { csp: CSP })
    return { url: site.url, close: () => site.close() }
  })
  await inChromium(step, 'the page by vite', async () => {
    const { createServer } = await import('vite')
    const server = await createServer({ root: page.folder, logLevel: 'error', server: { port: 0 } })
    await server.listen()
    return { url: server.resolvedUrls.local[0], close: () => server.close() }
  })
  await typed(step, page, 'typed.ts', [], ['es2022', 'dom', 'dom.iterable'])
}

async function inChromium(step, name, serve) {
  await step(`${name} in Chromium`, async () => {
    if (!chromium) return 'skipped: there is no Chromium'
    const { url, close } = await serve()
    const browser = await openChromium()
    try {
      const page = await browser.newPage()
      await page.goto(url)
      // Not by waitForFunction, which the page's policy forbids.
      let title = 'waiting'
      for (let i = 0; title === 'waiting' && i < 600; i++) {
        await setTimeout(100)
        title = await page.title()
      }
      if (title !== 'done') throw new Error(title)
    } finally {
      await browser.close()
      await close()
    }
  })
}

/** Of what a visitor may fetch, in kB. */
function sizes(folder) {
  const kB = (name) => (statSync(join(folder, name)).size / 1000).toFixed(0)
  return readdirSync(folder)
    .map((name) => `${name.replace(/-[\w-]{8}(?=\.)/, '')} ${kB(name)} kB`)
    .join(', ')
}
