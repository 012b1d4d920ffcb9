import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readModel } from '@arcface/data/onnx'
import { encodeModel, getMetadata, modelInputs, parseArcfaceMetadata } from '@arcface/onnx'
import { keepBeside, kindsOfPatterns, randomDetector, randomEmbedder } from '@arcface/testing'
import { cosine, IMAGE_BYTES } from '@arcface/vision'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openEmbedder } from '../embedder/open.js'
import { exportModel } from './export.js'

const room = mkdtempSync(join(tmpdir(), 'precision-'))
afterAll(() => rmSync(room, { recursive: true }))
const faces = join(room, 'faces')
const model = join(room, 'random.onnx')
const preprocessing = { mean: 0, std: 1 }
const options = { calibrate: [faces], threads: 1, preprocessing }
const pixels: Uint8Array[] = []

beforeAll(async () => {
  mkdirSync(faces)
  writeFileSync(model, randomEmbedder())
  const draw = Object.values(kindsOfPatterns)
  for (let seed = 0; seed < 48; seed++) {
    const photo = draw[seed % draw.length]!(seed, 112, 112)
    pixels.push(photo.pixels)
    await sharp(photo.pixels, { raw: { width: 112, height: 112, channels: 3 } })
      .png()
      .toFile(join(faces, `${seed}.png`))
  }
})

async function embeddingsOf(path: string, given?: { mean: number; std: number }) {
  const embedder = await openEmbedder(path, { threads: 1, preprocessing: given })
  const rows = await embedder.embed(Buffer.concat(pixels.slice(0, 8)), 8)
  await embedder.close()
  return { rows, metadata: embedder.metadata, source: embedder.preprocessingSource }
}

const refused = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) })

describe('a model of others, exported', () => {
  it('is one of ours, and embeds the same', async () => {
    const path = join(room, 'own.onnx')
    const { dim, precision } = await exportModel(model, path, { threads: 1, preprocessing })
    expect([dim, precision]).toEqual([128, undefined])
    const [before, after] = [await embeddingsOf(model, preprocessing), await embeddingsOf(path)]
    expect(cosine(before.rows, after.rows)).toBeGreaterThan(0.999999)
    expect(after.source).toBe('metadata')
    expect(after.metadata).toMatchObject({
      dim: 128,
      backbone: 'random',
      loss: { name: 'unknown' },
      base: { name: 'random.onnx', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    })
    const written = await readModel(path)
    expect(written.graph!.node.slice(0, 2).map(({ name }) => name.slice(0, 3))).toEqual([
      'Sub',
      'Mul',
    ])
    expect(modelInputs(written)).toEqual([
      { name: 'input', elementType: 1, shape: ['N', 3, 112, 112] },
    ])
  })

  it('takes its pixels as it did: blue first, white 1, a mean a colour', async () => {
    const given = {
      colorOrder: 'BGR',
      range: 1,
      mean: [0.1, 0.2, 0.3],
      std: [0.5, 0.25, 2],
    } as const
    const asGiven = {
      ...given,
      mean: [...given.mean] as [number, number, number],
      std: [...given.std] as [number, number, number],
    }
    const path = join(room, 'colours.onnx')
    await exportModel(model, path, { threads: 1, preprocessing: asGiven })
    const before = await openEmbedder(model, { threads: 1, preprocessing: asGiven })
    const rows = await before.embed(pixels[1]!, 1)
    await before.close()
    const after = await openEmbedder(path, { threads: 1 })
    expect(cosine(rows, await after.embed(pixels[1]!, 1))).toBeGreaterThan(0.999999)
    await after.close()
  })

  it('may be exported again', async () => {
    const [once, twice] = [join(room, 'once.onnx'), join(room, 'twice.onnx')]
    await exportModel(model, once, { threads: 1, preprocessing })
    await exportModel(once, twice, { threads: 1 })
    expect(readFileSync(twice).equals(readFileSync(once))).toBe(true)
  })
})

describe.each(['fp16', 'int8'] as const)('a model as %s', (precision) => {
  const path = join(room, `${precision}.onnx`)

  it('is smaller, near, and says how near on other faces than it was measured on', async () => {
    const thresholds = { source: 'a test', cosine: { '1e-2': 0.3 } }
    const report = await exportModel(model, path, { ...options, precision, thresholds })
    const share = precision === 'fp16' ? 0.55 : 0.35
    expect(report.bytes).toBeLessThan(share * report.floatBytes)
    const { metadata, rows } = await embeddingsOf(path)
    expect(metadata?.precision).toEqual(report.precision)
    expect(metadata?.precision).toMatchObject({
      type: precision,
      calibrated: precision === 'int8' ? 24 : 0,
      checked: 24,
      ...{ same: false, carried: false },
    })
    expect(metadata?.thresholds).toEqual({ '1e-2': 0.3 })
    const { rows: before } = await embeddingsOf(model, preprocessing)
    for (let i = 0; i < 8; i++) {
      const row = (of: Float32Array) => of.subarray(128 * i, 128 * (i + 1))
      expect(cosine(row(before), row(rows))).toBeGreaterThan(precision === 'fp16' ? 0.9999 : 0.98)
    }
    expect(report.precision!.cosine.mean).toBeGreaterThanOrEqual(report.precision!.cosine.min)
  })

  it('runs in plain ONNX Runtime, on floats from 0 to 255', async () => {
    const session = await InferenceSession.create(path, { logSeverityLevel: 3 })
    const planes = Float32Array.from({ length: IMAGE_BYTES }, (_, i) => {
      const plane = 112 * 112
      return pixels[0]![3 * (i % plane) + Math.floor(i / plane)]!
    })
    const result = await session.run({ input: new Tensor('float32', planes, [1, 3, 112, 112]) })
    await session.release()
    const row = Object.values(result)[0]!.data as Float32Array
    const { rows } = await embeddingsOf(path)
    expect(cosine(row, rows.slice(0, 128))).toBeGreaterThan(0.9999)
  })

  it('runs in WebAssembly', async () => {
    const embedder = await openEmbedder(path, { backend: 'wasm' })
    const row = await embedder.embed(pixels[0]!, 1)
    await embedder.close()
    const { rows } = await embeddingsOf(path)
    expect(cosine(row, rows.slice(0, 128))).toBeGreaterThan(0.999)
  })

  it('says that thresholds which nobody names anew are the float32 model’s, until somebody does', async () => {
    const [float, small] = [join(room, 'float.onnx'), join(room, 'carried.onnx')]
    const thresholds = { source: 'a test', cosine: { '1e-2': 0.3 } }
    await exportModel(model, float, { threads: 1, preprocessing, thresholds })
    const of = { ...options, preprocessing: undefined, precision }
    expect((await exportModel(float, small, of)).precision?.carried).toBe(true)
    const now = await exportModel(small, small, { threads: 1, thresholds })
    expect(now.precision?.carried).toBe(false)
  })

  it('measures pairs by what it is given', async () => {
    const seen: number[] = []
    const { precision: said } = await exportModel(model, join(room, 'pairs.onnx'), {
      ...options,
      precision,
      accuracy: {
        pairs: 'some pairs',
        measure: async (embed) => seen.push((await embed(pixels[0]!, 1))[0]!) / 4,
      },
    })
    expect(said?.accuracy).toEqual({ pairs: 'some pairs', float32: 0.25, reduced: 0.5 })
    expect(seen[0]).not.toBe(seen[1])
    expect(Math.abs(seen[0]! - seen[1]!)).toBeLessThan(0.3)
  })
})

describe('what is not exported', () => {
  const never = join(room, 'never.onnx')

  it('is what is too far from the float32 model', async () => {
    await expect(
      exportModel(model, never, { ...options, precision: 'int8', minCosine: 0.999999 }),
    ).rejects.toEqual(refused('RECOGNIZE_EXPORT', /cosine of 0\.\d+ .* nothing was written/))
    expect(existsSync(never)).toBe(false)
  })

  it('is what there are too few faces for', async () => {
    const few = join(room, 'few')
    mkdirSync(few)
    for (const calibrate of [[], [few]])
      await expect(
        exportModel(model, never, { ...options, calibrate, precision: 'int8' }),
      ).rejects.toEqual(refused('RECOGNIZE_EXPORT', /20 faces or more/))
    await expect(
      exportModel(model, never, { ...options, calibrate: [join(room, 'none')], precision: 'fp16' }),
    ).rejects.toMatchObject({ code: 'FILES_READ' })
  })

  it('is what is quantised already', async () => {
    const small = join(room, 'small.onnx')
    await exportModel(model, small, { ...options, precision: 'int8' })
    for (const precision of ['int8', 'fp16'] as const)
      await expect(
        exportModel(small, never, { calibrate: [faces], threads: 1, precision }),
      ).rejects.toEqual(refused('ONNX_PRECISION', /quantised already/))
  })

  it('is what keeps its weights in other files, and what is no embedder', async () => {
    const beside = join(room, 'beside.onnx')
    const read = await readModel(model)
    writeFileSync(join(room, 'w.bin'), keepBeside(read.graph!.initializer[2]!, 'w.bin'))
    writeFileSync(beside, encodeModel(read))
    await expect(exportModel(beside, never, { threads: 1 })).rejects.toEqual(
      refused('RECOGNIZE_EXPORT', /other files/),
    )
    const detector = join(room, 'detector.onnx')
    writeFileSync(detector, randomDetector())
    await expect(exportModel(detector, never, { threads: 1 })).rejects.toMatchObject({
      code: 'VISION_MODEL_SHAPE',
    })
  })

  it('is what would be written over the model itself, and lose it', async () => {
    const own = join(room, 'itself.onnx')
    copyFileSync(model, own)
    const before = readFileSync(own)
    for (const precision of ['fp32', 'fp16', 'int8'] as const)
      await expect(exportModel(own, own, { ...options, precision })).rejects.toEqual(
        refused('RECOGNIZE_EXPORT', /is the model itself/),
      )
    expect(readFileSync(own).equals(before)).toBe(true)
    const ours = join(room, 'ours.onnx')
    await exportModel(model, ours, { threads: 1, preprocessing })
    await expect(
      exportModel(ours, ours, { calibrate: [faces], threads: 1, precision: 'int8' }),
    ).rejects.toEqual(refused('RECOGNIZE_EXPORT', /is the model itself/))
    await exportModel(ours, ours, { threads: 1 })
  })

  it('is what cannot be written, after which what was there is still there', async () => {
    const folder = join(room, 'a folder')
    mkdirSync(folder)
    await expect(exportModel(model, folder, { threads: 1, preprocessing })).rejects.toMatchObject({
      code: 'FILES_WRITE',
    })
    await expect(
      exportModel(model, join(room, 'none', 'x.onnx'), { threads: 1, preprocessing }),
    ).rejects.toMatchObject({ code: expect.stringMatching(/^FILES_/) })
  })

  it('says so of a wrong option', async () => {
    await expect(
      exportModel(model, never, { ...options, precision: 'int4' as 'int8' }),
    ).rejects.toMatchObject({ code: 'RECOGNIZE_USE' })
  })
})

it('reads metadata of a file that has none of a precision', async () => {
  const path = join(room, 'plain.onnx')
  await exportModel(model, path, { threads: 1, preprocessing })
  const metadata = parseArcfaceMetadata(getMetadata(await readModel(path)), 'plain')
  expect(metadata?.precision).toBeUndefined()
})
