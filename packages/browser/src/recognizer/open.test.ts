import { decodeModel, encodeModel } from '@arcface/onnx'
import { keepBeside, tinyModel } from '@arcface/testing'
import { chromium, openChromium } from '@arcface/testing/chromium'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MODELS, roomPage } from '../testing/pages.js'

const models = JSON.stringify(MODELS)

function modelInParts(): Uint8Array {
  const model = decodeModel(tinyModel(), 'tiny')
  for (const weights of model.graph!.initializer) keepBeside(weights, 'weights.bin')
  return encodeModel(model)
}

describe.skipIf(!chromium)('Recognizer.open, in Chromium', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await openChromium()
  })
  afterAll(() => browser?.close())

  /** What is thrown, or what `text` gives: an expression of the page. */
  const outcome = (page: Page, text: string) =>
    page.evaluate(
      `(async () => ${text})().catch(({ name, code, message, hint }) => ({ name, code, message, hint }))`,
    )

  it('opens models, sees the faces of a picture, and closes', async () => {
    const { page, troubles } = await roomPage(browser)
    const found = await outcome(
      page,
      `{
        const told = []
        const recognizer = await arcface.Recognizer.open({ models: ${models}, quality: false, onProgress: (one) => told.push(one) })
        const { model, runtime } = recognizer
        const width = 320, height = 240
        const pixels = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * i * 7919) % 256)
        const [faces, again] = await Promise.all([1, 2].map(() => recognizer.embed({ width, height, pixels })))
        const same = faces.every(({ embedding }, i) => embedding.every((value, k) => value === again[i].embedding[k]))
        const closing = recognizer.embed({ width, height, pixels })
        await Promise.all([recognizer.close(), recognizer.close()])
        const late = await recognizer.detect({ width, height, pixels }).catch(({ code }) => code)
        return { model, runtime, same, faces: faces.length, norms: faces.map(({ embedding }) => Math.hypot(...embedding)), last: (await closing).length, late }
      }`,
    )
    expect(found).toMatchObject({
      model: { name: 'embedder.onnx', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      runtime: { device: 'wasm', threads: 1 },
      same: true,
      late: 'BROWSER_USE',
    })
    const { faces, norms, last } = found as { faces: number; norms: number[]; last: number }
    expect(faces).toBeGreaterThan(0)
    expect(last).toBe(faces)
    for (const norm of norms) expect(norm).toBeCloseTo(1, 5)
    expect(troubles).toEqual([])
    await page.close()
  }, 60_000)

  const open = (more = '') => `arcface.Recognizer.open({ models: ${models}, ${more} })`

  it.each([
    [
      'a policy that lets no WebAssembly run',
      { csp: "default-src 'self'" },
      open(),
      { code: 'BROWSER_RUNTIME', hint: expect.stringContaining('wasm-unsafe-eval') },
    ],
    [
      'a policy that lets no worker start',
      { csp: "script-src 'self' 'wasm-unsafe-eval'; worker-src 'none'" },
      open(),
      { code: 'BROWSER_WORKER', hint: expect.stringContaining('worker-src') },
    ],
    [
      'a worker that is not served',
      {},
      open("worker: () => new Worker('/none.js', { type: 'module' })"),
      { code: 'BROWSER_WORKER' },
    ],
    [
      'WebAssembly that is not where it is said to be',
      {},
      open("wasmPaths: { wasm: '/none.wasm' }"),
      { code: 'BROWSER_RUNTIME', hint: expect.stringContaining('wasmPaths') },
    ],
    [
      'an option that is none',
      {},
      open('wasmPath: 1'),
      { code: 'BROWSER_USE', message: expect.stringContaining('did you mean wasmPaths') },
    ],
    ['threads that are none', {}, open('threads: 0'), { code: 'BROWSER_USE' }],
    [
      'a most number of pixels that is none',
      {},
      open('maxPixels: 0'),
      { code: 'BROWSER_USE', message: expect.stringMatching(/^maxPixels: 1 or more/) },
    ],
    [
      'no address',
      {},
      open('wasmPaths: 5'),
      { code: 'BROWSER_USE', message: expect.stringContaining('wasmPaths') },
    ],
    [
      'what makes no worker',
      {},
      open('worker: () => null'),
      { code: 'BROWSER_USE', hint: expect.stringContaining('new Worker') },
    ],
    [
      'a model that keeps weights in other files',
      { files: { 'models/parts.onnx': modelInParts() } },
      `arcface.Recognizer.open({ models: { detector: '${MODELS.detector}', embedder: 'models/parts.onnx' } })`,
      { code: 'BROWSER_LOAD', message: expect.stringMatching(/parts\.onnx .*\(weights\.bin\)/) },
    ],
    [
      'what is no model',
      { files: { 'models/none.onnx': Uint8Array.of(1, 2, 3) } },
      `arcface.Recognizer.open({ models: { detector: 'models/none.onnx', embedder: '${MODELS.embedder}' } })`,
      {
        code: expect.stringMatching(/^(ONNX|BROWSER|VISION)_/),
        message: expect.stringContaining('none.onnx'),
      },
    ],
    [
      'an embedder in the place of the detector',
      {},
      `arcface.Recognizer.open({ models: { detector: '${MODELS.embedder}', embedder: '${MODELS.embedder}' } })`,
      { name: 'VisionError', code: 'VISION_DETECTOR' },
    ],
  ])(
    '%s is told, with what to do',
    async (_, options, text, error) => {
      const { page } = await roomPage(browser, options)
      expect(await outcome(page, text)).toMatchObject(error)
      await page.close()
    },
    60_000,
  )

  // A processor of before 2008, as V8 knows it.
  it.skipIf(process.arch !== 'x64')(
    'WebAssembly without SIMD is told, with what to do',
    async () => {
      const old = await openChromium({ args: ['--js-flags=--no-enable-sse4-1'] })
      const { page } = await roomPage(old)
      expect(await outcome(page, open())).toMatchObject({
        code: 'BROWSER_RUNTIME',
        message: expect.stringContaining('SIMD'),
        hint: expect.stringContaining('newer browser'),
      })
      await old.close()
    },
    60_000,
  )

  it('takes no options but an object, nor a signal that is none', async () => {
    const { page, troubles } = await roomPage(browser)
    const photo = '{ width: 1, height: 1, pixels: new Uint8Array(3) }'
    const calls = ['null', '5', '[]', '{ signal: 5 }', '{ signal: null }'].flatMap((given) => [
      `detect(${photo}, ${given})`,
      `verify(${photo}, ${photo}, ${given})`,
      `enroll(${photo}, { person: 'Ada' }, ${given})`,
    ])
    const codes = await page.evaluate(`(async () => {
      const recognizer = await ${open()}
      const codes = await Promise.all([${calls.map((call) => `recognizer.${call}.then(() => 'done', ({ code }) => code)`)}])
      await recognizer.close()
      return codes
    })()`)
    expect(codes).toEqual(calls.map(() => 'BROWSER_USE'))
    expect(troubles).toEqual([])
    await page.close()
  }, 60_000)

  it('ends with the reason of its signal', async () => {
    const { page } = await roomPage(browser)
    const ended = await outcome(
      page,
      `{
        const abort = new AbortController()
        const opening = ${open('signal: abort.signal')}
        setTimeout(() => abort.abort(new RangeError('enough')), 20)
        return opening
      }`,
    )
    expect(ended).toMatchObject({ name: 'RangeError', message: 'enough' })
    await page.close()
  }, 60_000)
})
