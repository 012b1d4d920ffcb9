import { chromium, openChromium } from '@arcface/testing/chromium'
import type { Browser, BrowserContext } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { load, type ModelSite, modelBytes, modelSite, sha, visit } from '../testing/models.js'

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
})
