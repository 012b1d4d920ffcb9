import { join } from 'node:path'
import { randomEmbedder } from '@arcface/testing'
import { buildPage, chromium, openChromium, serveSite } from '@arcface/testing/chromium'
import { cosine } from '@arcface/vision'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MODELS, roomPage } from '../testing/pages.js'
import type { RuntimeInfo } from './devices.js'

/** WebGPU without a graphics processor: right, and slow. */
const SOFTWARE = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader']
const MAIN = "import { webgpu } from '@arcface/browser/webgpu'\nglobalThis.webgpu = webgpu"

/** One network on a device, without the rest. */
const DEVICE = `
  import * as webgpu from 'onnxruntime-web/webgpu'
  import * as wasm from 'onnxruntime-web/wasm'
  import { Devices } from ${JSON.stringify(join(import.meta.dirname, '../../dist/network/devices.js'))}
  globalThis.embed = async (device) => {
    const devices = await Devices.open({ wasm, webgpu }, { webgpu: { device } })
    const bytes = new Uint8Array(await (await fetch('embedder.onnx')).arrayBuffer())
    const network = await devices.source('embedder.onnx', bytes, () => null).load()
    const data = Float32Array.from({ length: 3 * 112 * 112 }, (_, i) => (i * i * 7919) % 256)
    const { [network.outputs[0]]: output } = await network.run({ [network.inputs[0]]: { dims: [1, 3, 112, 112], data } })
    await network.close()
    return { runtime: devices.info, embedding: [...output.data] }
  }`

interface Seen {
  readonly runtime: RuntimeInfo
  readonly embedding: number[]
}

describe.skipIf(!chromium)('WebGPU, in Chromium', () => {
  let plain: Browser
  let software: Browser
  beforeAll(async () => {
    plain = await openChromium()
    software = await openChromium({ args: SOFTWARE })
  })
  afterAll(async () => {
    await plain?.close()
    await software?.close()
  })

  /** @param webgpu an expression; empty: not asked for */
  async function see(browser: Browser, webgpu: string, isolated = false) {
    const { page, site, troubles } = await roomPage(browser, { isolated, main: MAIN })
    const seen = await page.evaluate(`(async () => {
      const asked = ${webgpu === '' ? '{}' : `{ webgpu: ${webgpu} }`}
      const options = { models: ${JSON.stringify(MODELS)}, quality: false, cache: false, gallery: false }
      const recognizer = await arcface.Recognizer.open({ ...options, ...asked })
      const [width, height] = [320, 240]
      const pixels = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * i * 7919) % 256)
      const [{ embedding }] = await recognizer.embed({ width, height, pixels }, { faces: 'largest' })
      const { runtime } = recognizer
      await recognizer.close()
      return { runtime, embedding: [...embedding] }
    })().catch(({ code, message, hint }) => ({ code, message, hint }))`)
    await page.close()
    expect(troubles).toEqual([])
    const fetched = site.requests.map(({ path }) => path).filter((path) => path.endsWith('.wasm'))
    return { seen, fetched }
  }
  const near = (a: Seen, b: Seen) =>
    1 - cosine(Float32Array.from(a.embedding), Float32Array.from(b.embedding))

  it('is not fetched where there is no graphics processor, and it is said', async () => {
    const { seen, fetched } = await see(plain, 'webgpu')
    const { runtime } = seen as Seen
    expect(runtime).toMatchObject({
      device: 'wasm',
      webgpu: { reason: expect.stringContaining('no graphics processor'), networks: [] },
    })
    expect(fetched).toEqual([expect.not.stringContaining('asyncify')])
  }, 120_000)

  // Isolated: threads of WebAssembly and both builds are one script.
  it('is left where a warm-up shows that WebAssembly is faster, with the figures', async () => {
    const { seen } = await see(software, 'webgpu', true)
    const { seen: wasm } = await see(software, '', true)
    const { runtime } = seen as Seen
    expect(runtime).toMatchObject({
      device: 'wasm',
      threads: (wasm as Seen).runtime.threads,
      webgpu: { adapter: expect.stringContaining('swiftshader') },
    })
    const { networks } = runtime.webgpu!
    expect(networks.map(({ name }) => name).sort()).toEqual(['detector.onnx', 'embedder.onnx'])
    for (const { device, reason, wasm: ours, webgpu } of networks) {
      expect([device, reason]).toEqual(['wasm', 'WebAssembly is faster'])
      expect(webgpu!).toBeGreaterThan(ours!)
    }
    expect(near(seen as Seen, wasm as Seen)).toBeLessThan(1e-6)
  }, 240_000)

  it('gives the same where it is asked for alone', async () => {
    const page = await software.newPage()
    const site = await serveSite([
      { 'embedder.onnx': randomEmbedder() },
      await buildPage({ 'main.js': DEVICE }),
    ])
    await page.goto(site.url)
    await page.waitForFunction('globalThis.embed')
    const [wasm, webgpu] = (await page.evaluate(
      "Promise.all(['wasm', 'webgpu'].map((device) => embed(device)))",
    )) as [Seen, Seen]
    await page.close()
    await site.close()
    expect(wasm.runtime).toEqual({ device: 'wasm', threads: 1 })
    expect(webgpu.runtime).toMatchObject({ device: 'webgpu', webgpu: { networks: [] } })
    expect(near(wasm, webgpu)).toBeLessThan(1e-6)
    expect(webgpu.embedding).not.toEqual(wasm.embedding)
  }, 240_000)

  it('is a coded error where it is asked for alone and not there', async () => {
    const { seen } = await see(plain, "{ ...webgpu, device: 'webgpu' }")
    expect(seen).toMatchObject({ code: 'BROWSER_WEBGPU', hint: expect.stringContaining('device') })
  }, 120_000)
})
