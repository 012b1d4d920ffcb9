import { chromium } from '@arcface/testing/chromium'
import { describe, expect, it } from 'vitest'
import { load, modelBytes, sha, visit } from '../testing/models.js'
import { detector, embedder, installed, landmarks, manifest, pack } from '../testing/pack.js'
import { INSECURE, useVisits } from '../testing/visits.js'

describe.skipIf(!chromium)('the models of a page, in Chromium', () => {
  const at = useVisits()

  it('takes a pack as it was installed, keeps it, and does without a network', async () => {
    await at.serve(installed)
    const first = await load(await at.visited(), "'pack/pack.json'")
    expect(first).toMatchObject({
      name: 'mine',
      detector: { name: 'd.onnx', sha256: sha('sha256', detector) },
      landmarks: { name: 'l.onnx', sha256: sha('sha256', landmarks) },
      embedder: { name: 'e.onnx', sha256: sha('sha256', embedder) },
      preprocessing: pack.embedder.preprocessing,
      thresholds: pack.embedder.thresholds,
      warnings: [],
    })
    expect(at.site.asked.sort()).toEqual([
      'pack/d.onnx',
      'pack/e.onnx',
      'pack/l.onnx',
      'pack/pack.json',
    ])
    at.site.asked.length = 0
    const second = await load(await at.visited(), "'pack/'")
    expect({ ...second, told: [] }).toEqual({ ...first, told: [] })
    expect(at.site.asked).toEqual(['pack/pack.json'])
    expect(second.told.map(({ cached, loaded }) => [cached, loaded])).toEqual(
      Array(3).fill([true, 40_000]),
    )
    const page = await at.visited()
    await at.site.close()
    expect({ ...(await load(page, "'pack/'")), told: [] }).toEqual({ ...first, told: [] })
  })

  it('asks no server for what is kept where all checksums are known', async () => {
    await at.serve(installed)
    const models = `{ from: 'pack/pack.json', sha256: '${sha('sha256', Buffer.from(installed['pack/pack.json']))}' }`
    await load(await at.visited(), models)
    const page = await at.visited()
    at.site.asked.length = 0
    expect(await load(page, models)).toMatchObject({ name: 'mine' })
    expect(at.site.asked).toEqual([])
  })

  it('takes bytes and Blobs as they are, and keeps nothing where it is told so', async () => {
    await at.serve(installed)
    const page = await at.visited()
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
    const none = of.replace("'1e-2': 0.5", "'1e-2': 4")
    expect(await load(page, none)).toMatchObject({
      error: {
        code: 'ONNX_BAD_METADATA',
        message: expect.stringMatching(/models\.embedder\.thresholds holds no thresholds/),
      },
    })
    const blob = 'URL.createObjectURL(new Blob([Uint8Array.of(8, 7)]))'
    expect(await load(page, `{ detector: ${blob}, embedder: ${bytes} }`)).toMatchObject({
      detector: { sha256: sha('sha256', Uint8Array.of(8, 7)) },
    })
    await load(page, "'pack/', { cache: false }")
    const kept = await page.evaluate("caches.open('arcface-models').then((one) => one.keys())")
    expect(kept).toEqual([])
    at.site.asked.length = 0
    await load(page, "'pack/', { cache: false }")
    expect(at.site.asked.length).toBe(4)
  })

  it("takes each part from where it is, a detector's points with it", async () => {
    await at.serve({ ...installed, 'own/model.onnx': modelBytes(4) })
    const found = await load(
      await at.visited(),
      "{ detector: 'pack/', embedder: 'own/model.onnx' }",
    )
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
    const other = await at.serve({ 'far/e.onnx': embedder }, { 'access-control-allow-origin': '*' })
    const download = {
      format: 'onnx',
      sources: [{ kind: 'https', url: `${other.url}far/e.onnx` }],
      checksum: `sha256:${sha('sha256', embedder)}`,
      files: [{ name: 'e.onnx' }],
    }
    const near = { ...pack.downloads[0], files: [{ name: 'd.onnx' }, { name: 'l.onnx' }] }
    const bare = { ...pack, downloads: [near, download] }
    await at.serve({
      'bare/pack.json': JSON.stringify(bare),
      'bare/d.onnx': detector,
      'bare/l.onnx': landmarks,
    })
    const page = await at.visited()
    expect(await load(page, "'bare/pack.json'")).toMatchObject({
      name: 'mine',
      embedder: { name: 'e.onnx', sha256: sha('sha256', embedder) },
    })
    expect(other.asked).toEqual(['far/e.onnx'])
    other.asked.length = at.site.asked.length = 0
    expect(await load(page, "'bare/pack.json'")).toMatchObject({ name: 'mine' })
    // Of the archive's members no checksum is known here.
    expect([...other.asked, ...at.site.asked.sort()]).toEqual([
      'bare/d.onnx',
      'bare/l.onnx',
      'bare/pack.json',
    ])
    await at.serve({ 'bare/pack.json': JSON.stringify(pack) })
    expect((await load(await at.visited(), "'bare/pack.json'")).error).toMatchObject({
      code: 'BROWSER_DOWNLOAD',
      hint: expect.stringContaining('arcface models copy mine --out'),
    })
  })

  it('tells what is no pack, what a pack lacks, and a page that is not secure', async () => {
    const bare = { ...manifest, pack: { ...pack, detector: null, landmarks: null } }
    await at.serve({
      ...installed,
      'bad.json': '{ "pack": { "name": 1 } }',
      'text.json': 'so',
      'page.json': '<!doctype html><title>An app</title>',
      'half/pack.json': JSON.stringify(bare),
    })
    const page = await at.visited()
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
    const insecure = await visit(at.context, at.site.url.replace('127.0.0.1', INSECURE))
    expect((await load(insecure, "'pack/'")).error).toMatchObject({
      code: 'BROWSER_INSECURE',
      hint: expect.stringContaining('https'),
    })
  })
})
