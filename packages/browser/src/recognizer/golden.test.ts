import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DEFAULT_PACK, installedPack } from '@arcface/recognize'
import { kindsOfPatterns, randomDetector, randomEmbedder } from '@arcface/testing'
import { chromium, openChromium } from '@arcface/testing/chromium'
import type { Browser } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { distance, type GoldenModels, seeInNode, seeInPage } from '../testing/golden.js'

// The golden of both worlds: what @arcface/recognize sees in Node, a page in Chromium sees too, each by its own decoder and
// its own ONNX Runtime.

const folder = mkdtempSync(join(tmpdir(), 'golden-'))
afterAll(() => rmSync(folder, { recursive: true }))
const shared = fileURLToPath(new URL('../../../../../shared', import.meta.url))
const isShared = existsSync(shared)
const pack = await installedPack(DEFAULT_PACK)

/** JPEGs of patterns, in the ways in which they are written. */
const drawn = () =>
  Promise.all(
    Array.from({ length: 12 }, async (_, i) => {
      const draw = Object.values(kindsOfPatterns)[i % 4]!
      const { width, height, pixels } = draw(i + 1, 320 + 17 * i, 400 - 13 * i)
      const path = join(folder, `${i}.jpg`)
      await sharp(pixels, { raw: { width, height, channels: 3 } })
        .jpeg({
          quality: 60 + 3 * i,
          progressive: i % 3 === 0,
          chromaSubsampling: i % 2 === 0 ? '4:2:0' : '4:4:4',
        })
        .toFile(path)
      return path
    }),
  )

/** Two photographs of each of ten people. */
function real(): string[] {
  const photos = join(shared, 'faces/photos')
  const of = (person: string) => readdirSync(join(photos, person)).sort().slice(0, 2)
  const people = readdirSync(photos).sort().slice(0, 10)
  return people.flatMap((person) => of(person).map((name) => join(photos, person, name)))
}

/** One as a telephone takes it, which detectors are given much smaller: Node by libvips, a page by code of ours. */
async function large(): Promise<string> {
  const path = join(folder, 'large.jpg')
  await sharp(real()[0]!).resize(3000, 4000, { fit: 'cover' }).jpeg({ quality: 90 }).toFile(path)
  return path
}

/** The same files for both. */
function modelsOf(
  detector: string,
  embedder: string,
  preprocessing?: GoldenModels['node']['preprocessing'],
): GoldenModels {
  const options = preprocessing && { preprocessing }
  return {
    node: { model: embedder, detector, ...options },
    page: { models: { detector: 'detector.onnx', embedder: 'embedder.onnx' }, ...options },
    files: { 'detector.onnx': readFileSync(detector), 'embedder.onnx': readFileSync(embedder) },
  }
}

describe.skipIf(!chromium)('a page sees what Node sees, in Chromium', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await openChromium()
  })
  afterAll(() => browser?.close())

  async function compare(models: GoldenModels, photos: readonly string[]) {
    const node = await seeInNode(models, photos)
    const page = await seeInPage(browser, models, photos)
    for (const way of ['files', 'pixels'] as const) {
      const { box, points, cosine } = distance(node[way], page[way])
      expect(box, way).toBeLessThan(0.05)
      expect(points, way).toBeLessThan(0.05)
      expect(cosine, way).toBeLessThan(1e-4)
    }
    expect(page.verdicts).toEqual(node.verdicts)
    return node
  }

  it('of drawn photographs, by networks with random weights', async () => {
    const [detector, embedder] = [join(folder, 'detector.onnx'), join(folder, 'embedder.onnx')]
    writeFileSync(detector, randomDetector())
    writeFileSync(embedder, randomEmbedder())
    const photos = await drawn()
    const { files } = await compare(modelsOf(detector, embedder), photos)
    expect(files.flat().length).toBeGreaterThan(photos.length)
  }, 120_000)

  it.skipIf(!isShared)(
    'of real ones, by YuNet and MobileFaceNet of ../shared',
    async () => {
      const [detector, embedder] = ['yunet_s_dynamic', 'MobileFaceNet'].map((name) =>
        join(shared, 'models', `${name}.onnx`),
      )
      const models = modelsOf(detector!, embedder!, {
        range: 1,
        mean: [0.485, 0.456, 0.406],
        std: [0.229, 0.224, 0.225],
      })
      const { files, verdicts } = await compare(models, real())
      expect(files.every(({ length }) => length > 0)).toBe(true)
      expect(new Set(verdicts)).toEqual(new Set([true, false]))
    },
    240_000,
  )

  it.skipIf(!isShared || !pack)(
    'of real ones, by the default pack, where it is installed',
    async () => {
      const models = { node: {}, page: { models: 'pack/' }, files: { 'pack/': pack!.folder } }
      const { verdicts } = await compare(models, [...real(), await large()])
      expect(new Set(verdicts)).toEqual(new Set([true, false]))
    },
    240_000,
  )
})
