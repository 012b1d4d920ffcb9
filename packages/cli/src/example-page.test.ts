import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { synthesizeFaces } from '@arcface/data'
import { Recognizer } from '@arcface/recognize'
import { REPOSITORY, randomDetector, randomEmbedder } from '@arcface/testing'
import { chromium, serveSite } from '@arcface/testing/chromium'
import { EXPORT_FORMAT, galleryModelOf } from '@arcface/vision'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  builtExample,
  type ExamplePage,
  type Networks,
  openExample,
} from './testing/example-page.js'

// examples/browser, from a host that sets no headers: it brings its policy and its isolation along.

/** Where the page is isolated. */
const THREADS =
  availableParallelism() > 1 ? 'WebAssembly, [2-4] threads' : 'WebAssembly, one thread'
/** Somebody without a face, as a gallery of this model exports them. */
async function exportOf({ detector, embedder }: Networks): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'networks-'))
  const file = (name: string, bytes: Uint8Array) => {
    writeFileSync(join(folder, name), bytes)
    return join(folder, name)
  }
  const recognizer = await Recognizer.open({
    detector: file('detector.onnx', detector),
    model: file('embedder.onnx', embedder),
  })
  const model = galleryModelOf(recognizer.model, recognizer.preprocessing.preprocessing)
  await recognizer.close()
  const lines = [
    { gallery: { format: EXPORT_FORMAT, model, rows: 1 } },
    { person: 'Ada', groups: [], metadata: {} },
  ]
  return Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
}

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

describe.skipIf(!chromium)('the page of examples/browser, in Chromium', () => {
  // They see faces everywhere, and know nobody.
  const networks = { detector: randomDetector(), embedder: randomEmbedder() }
  let dist: string
  let example: ExamplePage
  let pattern: Buffer
  beforeAll(async () => {
    dist = await builtExample(networks)
    example = await openExample(dist)
    const pixels = Uint8Array.from({ length: 320 * 240 * 3 }, (_, i) => i % 256)
    pattern = await sharp(pixels, { raw: { width: 320, height: 240, channels: 3 } })
      .png()
      .toBuffer()
  })
  afterAll(() => example?.close())
  /** What a place of the page says, when it says this. */
  const said = async (place: string, text: RegExp) => {
    const found = example.page.locator(place, { hasText: text })
    await found.waitFor()
    return found.innerText()
  }

  it('isolates itself and runs its models in threads', async () => {
    await example.show('Model')
    await example.show('Model')
    expect(await said('#facts', /SHA-256/)).toMatch(new RegExp(`tried.*${THREADS}.*0\\.350`, 's'))
    expect(await example.page.evaluate('crossOriginIsolated')).toBe(true)
    expect(example.troubles).toEqual([])
  })

  it('and its worker ask no other host, whom nothing else would keep from answering', async () => {
    const away = await serveSite(
      { 'index.html': 'here' },
      {
        headers: {
          'access-control-allow-origin': '*',
          'cross-origin-resource-policy': 'cross-origin',
        },
      },
    )
    const ask = `fetch('${away.url}').then((answer) => answer.text(), () => 'refused')`
    const directive = await example.page.evaluate(`new Promise((resolve) => {
      document.addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective))
      void ${ask}
    })`)
    expect(directive).toBe('connect-src')
    const [worker] = example.page.workers()
    expect(await worker!.evaluate(ask)).toBe('refused')
    expect(away.requests).toEqual([])
    await away.close()
  })

  it('can be installed', async () => {
    const session = await example.context.newCDPSession(example.page)
    const { errors, manifest } = await session.send('Page.getAppManifest')
    expect(errors).toEqual([])
    expect(manifest).toMatchObject({ display: 'kStandalone' })
    const { installabilityErrors } = await session.send('Page.getInstallabilityErrors')
    expect(installabilityErrors).toEqual([])
  })

  it('says in words what is wrong with a model, and goes on with the one that it has', async () => {
    await example.show('Model')
    const none = { name: 'none.onnx', mimeType: '', buffer: Buffer.from('no model') }
    await example.page.setInputFiles('#model-file', none)
    expect(await said('#error', /none.onnx/)).not.toMatch(/undefined|Error:|\bat /)
    expect(await said('#facts', /SHA-256/)).toContain('tried')
  })

  it('runs what a training exported in its place', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'trained-'))
    await synthesizeFaces(join(folder, 'faces'), { people: 4, imagesPerPerson: 4, seed: 1 })
    const settings = ['train.epochs=1', 'train.batchSize=8', 'train.threads=1', 'verify.sets=[]']
    const demo = join(REPOSITORY, 'examples/demo.yaml')
    const train = join(REPOSITORY, 'examples/train/train.mjs')
    const where = ['data.roots=[faces]', 'output=run']
    await promisify(execFile)(process.execPath, [train, demo, ...settings, ...where], {
      cwd: folder,
    })
    const buffer = readFileSync(join(folder, 'mine.onnx'))
    await example.page.setInputFiles('#model-file', { name: 'mine.onnx', mimeType: '', buffer })
    const size = (buffer.length / 1e6).toFixed(1)
    expect(await said('#facts', /mine/)).toMatch(
      new RegExp(`mine.onnx ${size} MB.*none is named`, 's'),
    )
    await example.page.setInputFiles('#measure', {
      name: 'a.png',
      mimeType: 'image/png',
      buffer: pattern,
    })
    expect(await said('#speed', /medians/)).toMatch(/^\d+ ms from the photograph .* \d+ ms find/)
    await example.page.getByRole('button', { name: 'Back' }).click()
    await said('#facts', /tried/)
  })

  it('tries WebGPU where one asks for it', async () => {
    await example.page.getByRole('button', { name: 'Try WebGPU' }).click()
    expect(await said('#facts', /WebGPU/)).toMatch(new RegExp(`${THREADS}\\s+WebGPU\\s+\\w+`))
  })

  it('offers a new build, and runs it when one wants it', async () => {
    await example.show('People')
    const buffer = await exportOf(networks)
    await example.page.setInputFiles('#import', { name: 'one.jsonl', mimeType: '', buffer })
    await said('#people-summary', /1 person/)
    await example.show('Model')
    const next = { detector: randomDetector(), embedder: randomEmbedder(9) }
    cpSync(await builtExample(next), dist, { recursive: true })
    await example.page.reload()
    await said('#update', /new version/)
    expect(await said('#facts', /SHA-256/)).toContain(digest(networks.embedder))
    await example.page.getByRole('button', { name: 'Load it' }).click()
    await said('#facts', new RegExp(digest(next.embedder)))
    // What was kept of the model before.
    await example.show('People')
    await said('#error', /enrolled with another model/)
    await example.page.getByRole('button', { name: 'Delete them' }).click()
    await said('#people-summary', /Nobody is known yet/)
  })

  it('works without a network from the second visit on, and asks nobody', async () => {
    const { port } = new URL(example.site.url)
    await example.site.close()
    const asked: (string | undefined)[] = []
    const nobody = createServer(({ url, socket }) => {
      asked.push(url)
      socket.destroy()
    }).listen(Number(port), '127.0.0.1')
    const requests = example.requests()
    const troubles = example.troubles.length
    await example.page.reload()
    await example.show('Model')
    expect(await said('#facts', /SHA-256/)).toMatch(new RegExp(`tried.*${THREADS}`, 's'))
    nobody.close()
    // A browser looks itself whether there is a newer service worker.
    expect(asked.filter((url) => !url!.endsWith('/service-worker.js'))).toEqual([])
    expect(requests.length).toBeGreaterThan(5)
    for (const request of requests) {
      expect(new URL(request.url()).port).toBe(port)
      expect((await request.response())?.fromServiceWorker(), request.url()).toBe(true)
    }
    expect(example.troubles.slice(troubles)).toEqual([])
  })
})
