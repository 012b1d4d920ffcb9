import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { chromium, openChromium, openProfile } from '@arcface/testing/chromium'
import type { Browser, BrowserContext } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  type Loaded,
  load,
  type ModelSite,
  modelBytes,
  modelSite,
  sha,
  visit,
} from '../testing/models.js'

const [detector, landmarks, embedder] = [1, 2, 3].map((seed) => modelBytes(seed)) as [
  Buffer,
  Buffer,
  Buffer,
]
const files = {
  'pack/d.onnx': detector,
  'pack/l.onnx': landmarks,
  'pack/e.onnx': embedder,
}
const preprocessing = { colorOrder: 'BGR', range: 255, mean: [127.5, 127.5, 127.5], std: [1, 1, 1] }
const thresholds = { source: 'a test', cosine: { '1e-3': 0.4 } }
const pack = {
  name: 'mine',
  title: 'of a test',
  licence: { name: 'MIT', url: 'https://example.org', commercial: true },
  downloads: [
    {
      format: 'tgz',
      sources: [{ kind: 'npm', package: 'none', version: '1.0.0' }],
      files: ['d.onnx', 'l.onnx', 'e.onnx'].map((name) => ({ name })),
    },
  ],
  detector: 'd.onnx',
  landmarks: 'l.onnx',
  embedder: { file: 'e.onnx', preprocessing, thresholds },
}
const entry = (bytes: Buffer) => ({ size: bytes.length, sha512: sha('sha512', bytes) })
const manifest = {
  pack,
  files: { 'd.onnx': entry(detector), 'l.onnx': entry(landmarks), 'e.onnx': entry(embedder) },
}
const installed = { ...files, 'pack/pack.json': JSON.stringify(manifest) }

describe.skipIf(!chromium)('loadModels, in Chromium', () => {
  let browser: Browser
  let context: BrowserContext
  let site: ModelSite
  const sites: ModelSite[] = []
  beforeAll(async () => {
    browser = await openChromium({
      args: ['--host-resolver-rules=MAP insecure.test 127.0.0.1'],
    })
  })
  afterAll(() => browser?.close())
  beforeEach(async () => {
    context = await browser.newContext()
  })
  afterEach(async () => {
    await context.close()
    for (const one of sites.splice(0)) await one.close()
  })
  const serve = async (of: Parameters<typeof modelSite>[0], headers?: Record<string, string>) => {
    site = await modelSite(of, headers)
    sites.push(site)
    return site
  }
  const visited = () => visit(context, site.url)

  it('takes a pack as it was installed, keeps it, and does without a network', async () => {
    await serve(installed)
    const first = await load(await visited(), "'pack/pack.json'")
    expect(first).toMatchObject({
      name: 'mine',
      detector: { name: 'd.onnx', sha256: sha('sha256', detector) },
      landmarks: { name: 'l.onnx', sha256: sha('sha256', landmarks) },
      embedder: { name: 'e.onnx', sha256: sha('sha256', embedder) },
      preprocessing,
      thresholds,
      warnings: [],
    })
    expect(site.asked.sort()).toEqual([
      'pack/d.onnx',
      'pack/e.onnx',
      'pack/l.onnx',
      'pack/pack.json',
    ])
    site.asked.length = 0
    const second = await load(await visited(), "'pack/'")
    expect({ ...second, told: [] }).toEqual({ ...first, told: [] })
    expect(site.asked).toEqual(['pack/pack.json'])
    expect(second.told.map(({ cached, loaded }) => [cached, loaded])).toEqual(
      Array(3).fill([true, 40_000]),
    )
    const page = await visited()
    await site.close()
    expect({ ...(await load(page, "'pack/'")), told: [] }).toEqual({ ...first, told: [] })
  })

  it('asks no server for what is kept where all checksums are known', async () => {
    await serve(installed)
    const models = `{ from: 'pack/pack.json', sha256: '${sha('sha256', Buffer.from(installed['pack/pack.json']))}' }`
    await load(await visited(), models)
    const page = await visited()
    site.asked.length = 0
    expect(await load(page, models)).toMatchObject({ name: 'mine' })
    expect(site.asked).toEqual([])
  })

  const two = `{ detector: 'pack/d.onnx', embedder: { from: new URL('pack/e.onnx', location.href), name: 'own' } }`

  it('asks for another version of files without a checksum, and keeps what it has where none comes', async () => {
    const changing = { ...files, 'pack/e.onnx': embedder }
    await serve(changing, { etag: '"1"' })
    const first = await load(await visited(), two)
    expect(first).toMatchObject({ name: 'own', embedder: { sha256: sha('sha256', embedder) } })
    // The same version, so what comes now is not looked at.
    changing['pack/e.onnx'] = landmarks
    expect(await load(await visited(), two)).toMatchObject({
      embedder: { sha256: sha('sha256', embedder) },
      told: [{ cached: true }, { cached: true }],
    })
    const trouble = (status: number, text: string) => (response: ServerResponse) =>
      void response.writeHead(status, { 'content-type': 'text/html' }).end(text)
    for (const answer of [trouble(200, '<!doctype html>'), trouble(502, ''), trouble(404, '')]) {
      site.answers = { 'pack/e.onnx': answer }
      expect(await load(await visited(), two)).toMatchObject({
        embedder: { sha256: sha('sha256', embedder) },
      })
    }
    site.answers = {
      'pack/e.onnx': (response) => void response.writeHead(200, { etag: '"2"' }).end(landmarks),
    }
    const newer = { name: 'own', sha256: sha('sha256', landmarks) }
    expect(await load(await visited(), two)).toMatchObject({ embedder: newer })
    const page = await visited()
    const requests: string[] = []
    page.on('request', (request) => requests.push(request.url()))
    await context.setOffline(true)
    expect(await load(page, two)).toMatchObject({ embedder: newer })
    expect(requests).toEqual([])
  })

  it('mends what was damaged', async () => {
    await serve(installed)
    await load(await visited(), "'pack/'")
    const page = await visited()
    const damaged = await page.evaluate(`(async () => {
      const cache = await caches.open('arcface-models')
      for (const key of await cache.keys()) {
        const { headers } = await cache.match(key)
        if (/e\\.onnx/.test(key.url)) await cache.put(key, new Response(new Uint8Array(40_000), { headers }))
      }
    })()`)
    expect(damaged).toBeUndefined()
    site.asked.length = 0
    const right = { embedder: { sha256: sha('sha256', embedder) } }
    expect(await load(page, "'pack/'")).toMatchObject(right)
    expect(site.asked).toEqual(['pack/pack.json', 'pack/e.onnx'])
    site.asked.length = 0
    expect(await load(page, "'pack/'")).toMatchObject(right)
    expect(site.asked).toEqual(['pack/pack.json'])
  })

  it('keeps nothing of a file with another checksum, which is refused', async () => {
    const wrong = { 'pack/e.onnx': landmarks, 'pack/d.onnx': detector, 'pack/l.onnx': landmarks }
    await serve([wrong, installed])
    const page = await visited()
    const { error } = await load(page, "'pack/'")
    expect(error).toMatchObject({
      name: 'BrowserError',
      code: 'BROWSER_CHECKSUM',
      message: expect.stringMatching(/^e\.onnx \(http.*pack\/e\.onnx\) is another file/),
    })
    const kept = await page.evaluate(`caches.open('arcface-models')
      .then((cache) => cache.keys()).then((keys) => keys.map(({ url }) => url).join())`)
    expect(kept).not.toContain('e.onnx')
    const sha256 = sha('sha256', embedder)
    const given = `{ detector: 'pack/d.onnx', embedder: { from: new Blob(['other']), sha256: '${sha256}' } }`
    expect((await load(page, given)).error?.code).toBe('BROWSER_CHECKSUM')
    // Nor is what is kept taken for a file of another checksum.
    await load(page, `{ detector: 'pack/d.onnx', embedder: 'pack/e.onnx' }`)
    const other = `{ detector: 'pack/d.onnx', embedder: { from: 'pack/e.onnx', sha256: '${sha256}' } }`
    expect((await load(page, other)).error?.code).toBe('BROWSER_CHECKSUM')
  })

  it('takes bytes and Blobs as they are, and keeps nothing where it is told so', async () => {
    await serve(installed)
    const page = await visited()
    const bytes = `new Uint8Array([${[...embedder.subarray(0, 100)]}])`
    const of = `{ detector: ${bytes}, landmarks: new File([${bytes}], 'points.onnx'), embedder: { from: ${bytes}.buffer, name: 'mine', preprocessing: { colorOrder: 'BGR' }, thresholds: { source: 's', cosine: { '1e-2': 0.5 } } } }`
    const sha256 = sha('sha256', embedder.subarray(0, 100))
    expect(await load(page, of)).toMatchObject({
      name: 'mine',
      detector: { name: 'detector', sha256 },
      landmarks: { name: 'points.onnx', sha256 },
      embedder: { name: 'mine', sha256 },
      preprocessing: { colorOrder: 'BGR' },
      thresholds: { cosine: { '1e-2': 0.5 } },
      told: [],
    })
    const blob = 'URL.createObjectURL(new Blob([Uint8Array.of(8, 7)]))'
    expect(await load(page, `{ detector: ${blob}, embedder: ${bytes} }`)).toMatchObject({
      detector: { sha256: sha('sha256', Uint8Array.of(8, 7)) },
    })
    await load(page, "'pack/', { cache: false }")
    const kept = await page.evaluate("caches.open('arcface-models').then((one) => one.keys())")
    expect(kept).toEqual([])
    site.asked.length = 0
    await load(page, "'pack/', { cache: false }")
    expect(site.asked.length).toBe(4)
  })

  it("takes each part from where it is, a detector's points with it", async () => {
    await serve({ ...installed, 'own/model.onnx': modelBytes(4) })
    const found = await load(await visited(), "{ detector: 'pack/', embedder: 'own/model.onnx' }")
    expect(found).toMatchObject({
      name: 'model.onnx',
      detector: { name: 'd.onnx' },
      landmarks: { name: 'l.onnx' },
      embedder: { name: 'model.onnx', sha256: sha('sha256', modelBytes(4)) },
    })
    expect(found).not.toHaveProperty('error')
    expect(found.thresholds).toBeUndefined()
  })

  it('takes what the bare description of a pack names: beside it, else from its source', async () => {
    const other = await serve({ 'far/e.onnx': embedder }, { 'access-control-allow-origin': '*' })
    const download = {
      format: 'onnx',
      sources: [{ kind: 'https', url: `${other.url}far/e.onnx` }],
      checksum: `sha256:${sha('sha256', embedder)}`,
      files: [{ name: 'e.onnx' }],
    }
    const near = { ...pack.downloads[0], files: [{ name: 'd.onnx' }, { name: 'l.onnx' }] }
    const bare = { ...pack, downloads: [near, download] }
    await serve({
      'bare/pack.json': JSON.stringify(bare),
      'bare/d.onnx': detector,
      'bare/l.onnx': landmarks,
    })
    const page = await visited()
    expect(await load(page, "'bare/pack.json'")).toMatchObject({
      name: 'mine',
      embedder: { name: 'e.onnx', sha256: sha('sha256', embedder) },
    })
    expect(other.asked).toEqual(['far/e.onnx'])
    other.asked.length = site.asked.length = 0
    expect(await load(page, "'bare/pack.json'")).toMatchObject({ name: 'mine' })
    // Of the archive's members no checksum is known here.
    expect([...other.asked, ...site.asked.sort()]).toEqual([
      'bare/d.onnx',
      'bare/l.onnx',
      'bare/pack.json',
    ])
    await serve({ 'bare/pack.json': JSON.stringify(pack) })
    expect((await load(await visited(), "'bare/pack.json'")).error).toMatchObject({
      code: 'BROWSER_DOWNLOAD',
      hint: expect.stringContaining('arcface models copy mine --out'),
    })
  })

  it('tells how far each file is, not more often than a person sees, and at last that it is there', async () => {
    const large = modelBytes(5, 2_000_000)
    await serve({ ...installed, 'pack/large.onnx': large })
    const of = "{ detector: 'pack/d.onnx', embedder: 'pack/large.onnx' }"
    const page = await visited()
    const { told } = await load(page, of)
    const own = told.filter(({ file }) => file === 'large.onnx')
    expect(own[0]).toEqual({ file: 'large.onnx', loaded: 0, total: large.length, cached: false })
    expect(own.at(-1)).toMatchObject({ loaded: large.length, total: large.length, cached: false })
    const loaded = own.map((one) => one.loaded)
    expect(loaded).toEqual(loaded.toSorted((a, b) => a - b))
    const again = await load(page, of)
    expect(again.told.filter(({ file }) => file === 'd.onnx')).toEqual([
      { file: 'd.onnx', loaded: 0, total: 40_000, cached: false },
      { file: 'd.onnx', loaded: 40_000, total: 40_000, cached: false },
    ])
  })

  it('knows the total of what was packed on its way from the pack, and else of none', async () => {
    await serve(installed)
    const zipped = (bytes: Buffer) => (response: ServerResponse) => {
      const body = gzipSync(bytes)
      response
        .writeHead(200, { 'content-encoding': 'gzip', 'content-length': body.length })
        .end(body)
    }
    site.answers = { 'pack/e.onnx': zipped(embedder), 'pack/x.onnx': zipped(modelBytes(7)) }
    const page = await visited()
    const totals = ({ told }: Loaded, name: string) =>
      told.filter(({ file }) => file === name).map(({ total }) => total)
    expect(totals(await load(page, "'pack/'"), 'e.onnx')).toEqual([40_000, 40_000])
    const alone = await load(page, "{ detector: 'pack/d.onnx', embedder: 'pack/x.onnx' }")
    expect(alone.embedder.sha256).toBe(sha('sha256', modelBytes(7)))
    expect(totals(alone, 'x.onnx')).toEqual([undefined, 40_000])
  })

  it('downloads once for several tabs', async () => {
    await serve(installed)
    const slow = (bytes: Buffer) => (response: ServerResponse) =>
      void setTimeout(() => response.writeHead(200).end(bytes), 300)
    site.answers = { 'pack/e.onnx': slow(embedder), 'pack/d.onnx': slow(detector) }
    const pages = [await visited(), await visited(), await visited()]
    const found = await Promise.all(pages.map((page) => load(page, "'pack/'")))
    for (const one of found)
      expect(one).toMatchObject({ embedder: { sha256: sha('sha256', embedder) } })
    const models = site.asked.filter((path) => path.endsWith('.onnx'))
    expect(models.sort()).toEqual(['pack/d.onnx', 'pack/e.onnx', 'pack/l.onnx'])
  })

  it('ends with its signal, and with one file that fails the others end', async () => {
    await serve(installed)
    let closed = 0
    let begun = () => {}
    const hanging = (response: ServerResponse) => {
      response.writeHead(200, { 'content-length': 40_000 }).write(embedder.subarray(0, 100))
      response.on('close', () => closed++)
      begun()
    }
    site.answers = { 'pack/e.onnx': hanging }
    const page = await visited()
    await page.evaluate('globalThis.abort = new AbortController()')
    begun = () => void page.evaluate("abort.abort(new RangeError('enough'))")
    expect((await load(page, "'pack/', { signal: abort.signal }")).error).toMatchObject({
      name: 'RangeError',
      message: 'enough',
    })
    await expect.poll(() => closed, { timeout: 10_000 }).toBe(1)
    const both = new Promise<void>((resolve) => {
      begun = resolve
    })
    site.answers['pack/l.onnx'] = (response) => void both.then(() => response.writeHead(500).end())
    expect((await load(page, "'pack/', { cache: false }")).error?.message).toMatch(/l\.onnx.*500/)
    await expect.poll(() => closed, { timeout: 10_000 }).toBe(2)
    // The next call finds nothing in its way.
    site.answers = {}
    expect(await load(page, "'pack/'")).toMatchObject({ name: 'mine' })
  })

  it('works where the storage is full, and says once that nothing is kept', async () => {
    await serve(installed)
    const page = await visited()
    const session = await context.newCDPSession(page)
    const origin = new URL(site.url).origin
    await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 50_000 })
    expect(await load(page, "'pack/'")).toMatchObject({
      embedder: { sha256: sha('sha256', embedder) },
      warnings: [{ code: 'BROWSER_STORAGE', message: expect.stringContaining('full') }],
    })
  })

  it('works where sites may store nothing', async () => {
    await serve(installed)
    const profile = mkdtempSync(join(tmpdir(), 'profile-'))
    mkdirSync(join(profile, 'Default'))
    const cookies = { profile: { default_content_setting_values: { cookies: 2 } } }
    writeFileSync(join(profile, 'Default/Preferences'), JSON.stringify(cookies))
    const blocked = await openProfile(profile)
    try {
      expect(await load(await visit(blocked, site.url), "'pack/'")).toMatchObject({
        embedder: { sha256: sha('sha256', embedder) },
        warnings: [{ code: 'BROWSER_STORAGE', message: expect.stringContaining('keeps nothing') }],
      })
    } finally {
      await blocked.close()
    }
  })

  const PAGE = '<!doctype html><title>An app</title>'
  const answers: [what: string, (response: ServerResponse) => void, RegExp, RegExp][] = [
    ['a missing file', (response) => response.writeHead(404).end(), /404 Not Found/, /there/],
    ['a server in trouble', (response) => response.writeHead(503).end(), /503/, /server/],
    [
      'a page in its place',
      (response) => response.writeHead(200).end(PAGE),
      /no ONNX file.*page/,
      /there/,
    ],
    [
      'a connection that breaks',
      (response) => {
        response.writeHead(200, { 'content-length': 40_000 })
        response.write(embedder.subarray(0, 10_000), () => response.destroy())
      },
      /cut short after \d+ bytes/,
      /./,
    ],
    [
      'a file that is too large',
      (response) => response.writeHead(200, { 'content-length': 2 ** 31 }).write(embedder),
      /larger than/,
      /right file/,
    ],
  ]
  it.each(answers)('%s is told, with what to do', async (_, answer, message, hint) => {
    await serve(installed)
    site.answers = { 'pack/e.onnx': answer }
    const page = await visited()
    const address = `${site.url}pack/e.onnx`
    const { error } = await load(page, `{ detector: 'pack/', embedder: 'pack/e.onnx?key=secret' }`)
    expect(error).toMatchObject({ code: 'BROWSER_DOWNLOAD' })
    expect(error!.message.startsWith(address)).toBe(true)
    expect(error!.message).not.toContain('secret')
    expect(error!.message).toMatch(message)
    expect(error!.hint).toMatch(hint)
  })

  it('takes from another origin what it allows, though it was packed into more bytes on its way', async () => {
    const random = randomBytes(40_000)
    random[0] = 8
    const other = await serve({ 'e.onnx': random }, { 'access-control-allow-origin': '*' })
    other.answers = {
      'e.onnx': (response) => {
        const body = gzipSync(random)
        response
          .writeHead(200, {
            'access-control-allow-origin': '*',
            'content-encoding': 'gzip',
            'content-length': body.length,
          })
          .end(body)
      },
    }
    await serve(installed)
    const models = `{ detector: 'pack/', embedder: { from: '${other.url}e.onnx', sha256: '${sha('sha256', random)}' } }`
    expect((await load(await visited(), models)).embedder).toEqual({
      name: 'e.onnx',
      sha256: sha('sha256', random),
    })
  })

  it('tells another origin that forbids reading from one that is not there', async () => {
    const other = await serve(files)
    await serve(installed)
    const page = await visited()
    const of = `{ detector: 'pack/', embedder: '${other.url}pack/e.onnx' }`
    expect((await load(page, of)).error).toMatchObject({
      code: 'BROWSER_DOWNLOAD',
      message: expect.stringContaining('CORS'),
      hint: expect.stringContaining(`Access-Control-Allow-Origin: ${new URL(site.url).origin}`),
    })
    await other.close()
    expect((await load(page, of)).error).toMatchObject({
      code: 'BROWSER_DOWNLOAD',
      message: expect.stringContaining('no answer comes'),
      hint: expect.stringContaining('connect-src'),
    })
  })

  it('tells what is no pack, what a pack lacks, and a page that is not secure', async () => {
    const bare = { ...manifest, pack: { ...pack, detector: null, landmarks: null } }
    await serve({
      ...installed,
      'bad.json': '{ "pack": { "name": 1 } }',
      'text.json': 'so',
      'page.json': PAGE,
      'half/pack.json': JSON.stringify(bare),
    })
    const page = await visited()
    const codeOf = async (of: string) => (await load(page, of)).error
    expect(await codeOf("'bad.json'")).toMatchObject({
      code: 'BROWSER_PACK',
      message: expect.stringMatching(/bad\.json describes no model pack: name/),
    })
    expect(await codeOf("'text.json'")).toMatchObject({ code: 'BROWSER_PACK' })
    expect(await codeOf("'page.json'")).toMatchObject({ code: 'BROWSER_DOWNLOAD' })
    expect(await codeOf("'half/'")).toMatchObject({
      code: 'BROWSER_PACK',
      message: 'the pack mine holds no detector',
    })
    const insecure = await visit(context, site.url.replace('127.0.0.1', 'insecure.test'))
    expect((await load(insecure, "'pack/'")).error).toMatchObject({
      code: 'BROWSER_INSECURE',
      hint: expect.stringContaining('https'),
    })
  })
})
