import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { synthesizeFaces } from '@arcface/data'
import type { PreprocessingInput } from '@arcface/onnx'
import { kindsOfPatterns, randomDetector, randomEmbedder } from '@arcface/testing'
import { type CutFace, cosine, DEFAULT_PACK, FaceFinder, type Photo } from '@arcface/vision'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDetector } from '../detect/open.js'
import { openEmbedder } from '../embedder/open.js'
import { installedPack } from '../models/installed.js'
import { resolveDetector, resolveModel } from '../models/resolve.js'
import { BACKENDS, type Backend } from '../network/backend.js'
import { readPhoto } from '../photo/photo.js'

// One golden of both backends: what onnxruntime-node finds and embeds, onnxruntime-web finds and embeds too.

const folder = mkdtempSync(join(tmpdir(), 'backends-'))
afterAll(() => rmSync(folder, { recursive: true }))
const shared = fileURLToPath(new URL('../../../../../shared', import.meta.url))
const isShared = existsSync(shared)
const pack = await installedPack(DEFAULT_PACK)

interface Models {
  readonly detector: string
  readonly landmarks?: string | undefined
  readonly embedder: string
  readonly preprocessing?: PreprocessingInput | undefined
}

interface Seen extends CutFace {
  readonly embedding: Float32Array
}

async function see(models: Models, photos: readonly Photo[], backend: Backend): Promise<Seen[][]> {
  const { detector, landmarks, embedder, preprocessing } = models
  const finder = new FaceFinder(await openDetector(detector, { landmarks, backend }))
  const network = await openEmbedder(embedder, { backend, preprocessing })
  try {
    const seen: Seen[][] = []
    for (const photo of photos) {
      const faces = await finder.find(photo)
      seen.push(
        await Promise.all(
          faces.map(async (face) => ({ ...face, embedding: await network.embed(face.pixels, 1) })),
        ),
      )
    }
    return seen
  } finally {
    await Promise.all([finder.close(), network.close()])
  }
}

/** @returns the faces of each photograph, after both backends have seen the same */
async function compare(models: Models, photos: readonly Photo[]): Promise<Seen[][]> {
  const [node, wasm] = await Promise.all(BACKENDS.map((one) => see(models, photos, one)))
  expect(wasm!.map(({ length }) => length)).toEqual(node!.map(({ length }) => length))
  const off = { box: 0, points: 0, bytes: 0, cosine: 0 }
  for (const [i, faces] of node!.entries())
    for (const [f, a] of faces.entries()) {
      const b = wasm![i]![f]!
      for (const key of ['x', 'y', 'width', 'height'] as const)
        off.box = Math.max(off.box, Math.abs(a.box[key] - b.box[key]))
      for (const [p, { x, y }] of a.points.entries())
        off.points = Math.max(off.points, Math.hypot(x - b.points[p]!.x, y - b.points[p]!.y))
      a.pixels.forEach((value, k) => {
        off.bytes = Math.max(off.bytes, Math.abs(value - b.pixels[k]!))
      })
      off.cosine = Math.max(off.cosine, 1 - cosine(a.embedding, b.embedding))
    }
  expect(off.box).toBeLessThan(0.01)
  expect(off.points).toBeLessThan(0.01)
  expect(off.bytes).toBeLessThanOrEqual(1)
  expect(off.cosine).toBeLessThan(1e-5)
  return node!
}

/** Twelve drawn faces before patterns. */
async function drawPhotos(): Promise<Photo[]> {
  const faces = join(folder, 'faces')
  await synthesizeFaces(faces, { people: 6, imagesPerPerson: 2, seed: 5, workers: 1 })
  const files = readdirSync(faces, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.jpg'))
    .sort()
  return Promise.all(
    files.map(async (name, i) => {
      const side = 140 + 12 * i
      const [left, top] = [20 + 13 * i, 15 + 7 * i]
      const { width, height, pixels } = Object.values(kindsOfPatterns)[i % 4]!(i + 1, 480, 400)
      const face = await sharp(join(faces, name)).resize(side, side).toBuffer()
      const { data } = await sharp(pixels, { raw: { width, height, channels: 3 } })
        .composite([{ input: face, left, top }])
        .removeAlpha()
        .raw()
        .toBuffer({ resolveWithObject: true })
      return { width, height, pixels: new Uint8Array(data) }
    }),
  )
}

describe('both backends see and embed the same faces', () => {
  let drawn: Photo[]
  let real: Photo[]
  beforeAll(async () => {
    drawn = await drawPhotos()
    const photos = join(shared, 'faces/photos')
    const paths = isShared
      ? readdirSync(photos)
          .sort()
          .slice(0, 20)
          .map((person) => join(photos, person, readdirSync(join(photos, person)).sort()[0]!))
      : []
    real = await Promise.all(paths.map((path) => readPhoto(path)))
  }, 60_000)

  it('on drawn photographs, by networks with random weights', async () => {
    const [detector, embedder] = [join(folder, 'detector.onnx'), join(folder, 'embedder.onnx')]
    writeFileSync(detector, randomDetector())
    writeFileSync(embedder, randomEmbedder())
    const faces = (await compare({ detector, embedder }, drawn)).flat()
    expect(faces.length).toBeGreaterThan(drawn.length)
    // The networks look at what they are given.
    const [first, ...others] = faces
    for (const { embedding } of others)
      expect(cosine(first!.embedding, embedding)).toBeLessThan(0.999)
  }, 120_000)

  it.skipIf(!isShared)(
    'on drawn and real ones, by YuNet and MobileFaceNet of ../shared',
    async () => {
      const models = join(shared, 'models')
      const faces = await compare(
        {
          detector: join(models, 'yunet_s_640_640.onnx'),
          embedder: join(models, 'MobileFaceNet.onnx'),
          preprocessing: { range: 1, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
        },
        [...drawn, ...real],
      )
      expect(real.length).toBe(20)
      for (const found of faces.slice(drawn.length)) expect(found.length).toBeGreaterThan(0)
    },
    240_000,
  )

  it.skipIf(!pack)(
    'on drawn and real ones, by the default pack, where it is installed',
    async () => {
      const { path, landmarks } = await resolveDetector(undefined, DEFAULT_PACK)
      const { path: embedder, preprocessing } = await resolveModel(DEFAULT_PACK)
      await compare({ detector: path, landmarks, embedder, preprocessing }, [...drawn, ...real])
    },
    240_000,
  )
})
