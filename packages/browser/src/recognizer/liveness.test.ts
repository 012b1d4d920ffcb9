import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { modelFile, parsePack, Recognizer } from '@arcface/recognize'
import {
  livenessNetwork,
  livenessPack,
  noise,
  randomDetector,
  randomEmbedder,
} from '@arcface/testing'
import { chromium, openChromium } from '@arcface/testing/chromium'
import { type LiveFace, LivenessChecker } from '@arcface/vision'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MODELS, roomPage } from '../testing/pages.js'

/** A pack of a page's own, whose file lies beside its description. */
const PACK = livenessPack(
  [{ threshold: 0.4, measured: [{ by: 'authors', on: 'CelebA-Spoof', bpcer: 0.024 }] }],
  { path: 'live.onnx' },
)

const isThere = chromium && existsSync(livenessNetwork)

describe.skipIf(!isThere)('liveness in a page, in Chromium', () => {
  const folder = mkdtempSync(join(tmpdir(), 'live-'))
  const photo = noise(5, 320, 240)
  let browser: Browser
  beforeAll(async () => {
    browser = await openChromium()
  })
  afterAll(async () => {
    await browser?.close()
    rmSync(folder, { recursive: true })
  })

  /** By Node's ONNX Runtime: the faces of the same detector. */
  async function seenInNode(): Promise<LiveFace[]> {
    const [detector, model] = [join(folder, 'detector.onnx'), join(folder, 'embedder.onnx')]
    writeFileSync(detector, randomDetector())
    writeFileSync(model, randomEmbedder())
    const recognizer = await Recognizer.open({ detector, model, quality: false })
    const { liveness } = parsePack(PACK, 'live')
    const checker = await LivenessChecker.open([await modelFile(livenessNetwork)], liveness!)
    try {
      const faces = await recognizer.detect(photo)
      return await Promise.all(
        faces.map(async (face) => ({ ...face, liveness: await checker.check(photo, face) })),
      )
    } finally {
      await Promise.all([recognizer.close(), checker.close()])
    }
  }

  it('gives the numbers that Node gives, also with a verdict and a search', async () => {
    const files = {
      'live/pack.json': Buffer.from(JSON.stringify(PACK)),
      'live/live.onnx': readFileSync(livenessNetwork),
    }
    const { page, troubles } = await roomPage(browser, { files })
    const found = (await page.evaluate(
      `(async ({ width, height, bytes }) => {
        const photo = { width, height, pixels: Uint8Array.from(bytes) }
        const models = ${JSON.stringify(MODELS)}
        const recognizer = await arcface.Recognizer.open({ models, quality: false, liveness: { pack: 'live/' } })
        const faces = await recognizer.liveness(photo)
        const detected = await recognizer.detect(photo)
        const { a, b } = await recognizer.verify(photo, photo, { liveness: true, threshold: 0.5 })
        const [known] = await recognizer.identify(photo, { liveness: true, threshold: 0.5 })
        await recognizer.close()
        const strict = await arcface.Recognizer.open({ models, liveness: { pack: 'live/', threshold: 0.9 } })
        const [stands] = (await strict.liveness(photo)).map(({ liveness }) => liveness.stands)
        await strict.close()
        const bare = await arcface.Recognizer.open({ models })
        const none = await bare.liveness(photo).catch(({ code, hint }) => ({ code, hint }))
        await bare.close()
        return { faces, plain: detected.some((face) => 'liveness' in face), pair: [a.liveness, b.liveness], known: known.liveness, stands, none }
      })(${JSON.stringify({ ...photo, pixels: undefined, bytes: [...photo.pixels] })})`,
    )) as Record<string, unknown> & { faces: LiveFace[]; pair: LiveFace['liveness'][] }
    const expected = await seenInNode()
    expect(expected.length).toBeGreaterThan(1)
    expect(found.faces.length).toBe(expected.length)
    found.faces.forEach(({ liveness }, i) => {
      const { score, scores, ...rest } = expected[i]!.liveness
      expect(liveness.score).toBeCloseTo(score, 4)
      expect(liveness.scores).toEqual([{ model: 'live.onnx', score: liveness.score }])
      expect(scores[0]!.score).toBe(score)
      expect(liveness).toMatchObject(rest)
    })
    expect(found.plain).toBe(false)
    expect(found.pair[0]).toEqual(found.pair[1])
    expect(found.pair[0]!.threshold).toBe(0.4)
    expect(found.known).toMatchObject({ stands: { threshold: 0.4 } })
    expect(found.stands).toEqual({ threshold: 0.9, measured: [] })
    expect(found.none).toEqual({ code: 'VISION_USE', hint: expect.stringContaining('liveness') })
    expect(troubles).toEqual([])
    await page.close()
  }, 90_000)

  it.each([
    ['a threshold that is none', `{ pack: 'live/', threshold: 2 }`, 'VISION_USE'],
    ['an option that is none', `{ packs: 'live/' }`, 'BROWSER_USE'],
    ['a pack without it', `{ pack: 'none/' }`, 'BROWSER_PACK'],
    ['a file in the place of a pack', `{ pack: 'live/live.onnx' }`, 'BROWSER_USE'],
    ['a pack that is not there', `{ pack: 'nowhere/' }`, 'BROWSER_DOWNLOAD'],
    ['a network of another shape', `{ pack: 'other/' }`, 'VISION_LIVENESS'],
  ])(
    'refuses %s',
    async (_, given, code) => {
      const { liveness: __, ...none } = PACK
      const files = {
        'live/pack.json': Buffer.from(JSON.stringify(PACK)),
        'live/live.onnx': readFileSync(livenessNetwork),
        'none/pack.json': Buffer.from(JSON.stringify(none)),
        'other/pack.json': Buffer.from(JSON.stringify(PACK)),
        'other/live.onnx': randomEmbedder(),
      }
      const { page } = await roomPage(browser, { files })
      const found = await page.evaluate(`(async () => {
      const recognizer = await arcface.Recognizer.open({ models: ${JSON.stringify(MODELS)}, liveness: ${given} })
      const photo = { width: 320, height: 240, pixels: Uint8Array.from({ length: 230400 }, (_, i) => (i * i * 7919) % 256) }
      try { return (await recognizer.liveness(photo)).length } finally { await recognizer.close() }
    })().catch(({ code }) => code)`)
      expect(found).toBe(code)
      await page.close()
    },
    60_000,
  )
})
