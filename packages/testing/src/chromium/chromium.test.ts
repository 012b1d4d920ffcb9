import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  buildPage,
  chromium,
  openChromium,
  openProfile,
  type Site,
  serveSite,
  troublesOf,
} from './index.js'

const TEXT = 'many words '.repeat(100)

describe('a site', () => {
  let site: Site
  beforeAll(async () => {
    const files = [{ 'a.txt': TEXT, 'in/index.html': 'first', 'here/': import.meta.dirname }]
    site = await serveSite(
      [...files, { 'in/index.html': 'second', 'm.wasm': TEXT, 'm.onnx': TEXT }],
      {
        gzip: true,
        isolated: true,
        csp: "default-src 'self'",
        headers: { 'x-own': '1' },
        answer: ({ url }, response) => url === '/slow' && Boolean(response.end('answered')),
      },
    )
  })
  afterAll(() => site.close())
  const get = async (path: string) => {
    const answer = await fetch(new URL(path, site.url))
    return { status: answer.status, headers: answer.headers, text: await answer.text() }
  }

  it('has files in memory and on the disk, the first of two, and nothing else', async () => {
    expect(await get('in/')).toMatchObject({ status: 200, text: 'first' })
    expect((await get('here/site.ts')).text).toContain('serveSite')
    expect((await get('here/none.ts')).status).toBe(404)
    expect((await get('slow')).text).toBe('answered')
  })

  it('sends its headers, and WebAssembly gzipped but no model', async () => {
    const [wasm, model] = [await get('m.wasm'), await get('m.onnx')]
    expect([wasm.text, model.text]).toEqual([TEXT, TEXT])
    expect(wasm.headers.get('content-encoding')).toBe('gzip')
    expect(model.headers.get('content-encoding')).toBeNull()
    expect(wasm.headers.get('cross-origin-embedder-policy')).toBe('require-corp')
    expect(wasm.headers.get('content-security-policy')).toBe("default-src 'self'")
    expect(wasm.headers.get('x-own')).toBe('1')
    const sent = site.requests.filter(({ path }) => path.startsWith('/m.'))
    expect(sent.map(({ bytes }) => bytes < TEXT.length)).toEqual([true, false])
  })
})

describe.skipIf(!chromium)('a page, in Chromium', () => {
  let browser: Browser
  let folder: string
  const sites: Site[] = []
  beforeAll(async () => {
    browser = await openChromium()
    folder = await buildPage({
      'main.js': `
        import { cosine } from '@arcface/vision'
        const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })
        worker.onmessage = ({ data }) => {
          globalThis.said = { cosine: cosine(Float32Array.of(3, 4), Float32Array.of(4, 3)), data }
        }`,
      'worker.js': 'postMessage({ isolated: crossOriginIsolated })',
    })
  })
  afterAll(async () => {
    await browser?.close()
    for (const site of sites) await site.close()
  })

  it.each([true, false])('runs rooms and workers, isolated: %s', async (isolated) => {
    const site = await serveSite(folder, { isolated })
    sites.push(site)
    const page = await browser.newPage()
    const troubles = troublesOf(page)
    await page.goto(site.url)
    await page.waitForFunction('globalThis.said')
    const said = await page.evaluate('said')
    expect(said).toEqual({ cosine: expect.closeTo(24 / 25, 6), data: { isolated } })
    expect(troubles).toEqual([])
  })

  it("tells what breaks the site's policy, and errors that nobody catches", async () => {
    const site = await serveSite(folder, { csp: "script-src 'self'; worker-src 'none'" })
    sites.push(site)
    const page = await browser.newPage()
    const troubles = troublesOf(page)
    await page.goto(site.url)
    await page.evaluate("setTimeout(() => { throw new Error('nobody') })")
    await expect.poll(() => troubles.join('\n')).toMatch(/nobody/)
    expect(troubles.join('\n')).toMatch(/Content Security Policy/)
  })

  it('keeps what it stores in its profile', async () => {
    const site = await serveSite(folder)
    sites.push(site)
    const profile = mkdtempSync(join(tmpdir(), 'profile-'))
    const seen: unknown[] = []
    for (const name of ['first', 'second']) {
      const context = await openProfile(profile)
      const page = await context.newPage()
      await page.goto(site.url)
      seen.push(await page.evaluate('localStorage.seen'))
      await page.evaluate(`localStorage.seen = '${name}'`)
      await context.close()
    }
    expect(seen).toEqual([undefined, 'first'])
  })
})
