import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  ARCFACE_ALIGNMENT,
  type ArcfaceMetadataInput,
  decodeModel,
  encodeModel,
  TensorProto_DataType,
} from '@arcface/onnx'
import { type TinyModelOptions, tinyModel, tinyWeight } from '@arcface/testing'
import { type Embedder, IMAGE_BYTES, writeInput } from '@arcface/vision'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OpenEmbedderOptions, openEmbedder } from './open.js'

let dir: string
let files = 0
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'arcface-recognize-'))
})
afterAll(() => rm(dir, { recursive: true }))

/** Opens a tiny model for the length of a test. */
async function using<T>(
  model: TinyModelOptions | Uint8Array,
  options: OpenEmbedderOptions,
  work: (embedder: Embedder) => Promise<T> | T,
  sidecar?: string,
): Promise<T> {
  const path = join(dir, `${files++}.onnx`)
  await writeFile(path, model instanceof Uint8Array ? model : tinyModel(model))
  if (sidecar !== undefined) await writeFile(`${path}.json`, sidecar)
  const embedder = await openEmbedder(path, { threads: 1, ...options })
  try {
    return await work(embedder)
  } finally {
    await embedder.close()
  }
}

/** Some images that differ in every respect. */
const images = (n: number) =>
  Uint8Array.from({ length: n * IMAGE_BYTES }, (_, i) => (i * 31 + (i >> 7) * 17 + (i >> 15)) % 256)

interface Expected {
  bgr?: boolean
  mean?: number[]
  std?: number[]
  range?: number
  flip?: boolean
}

/** What the tiny model makes of an image, in float64, straight from the definition. */
function features(image: Uint8Array, { bgr, mean, std, range = 255, flip }: Expected): number[] {
  const sums = [0, 0, 0, 0]
  for (let c = 0; c < 3; c++)
    for (let y = 0; y < 112; y++)
      for (let x = 0; x < 112; x++) {
        const colour = bgr ? 2 - c : c
        const pixel = image[(y * 112 + (flip ? 111 - x : x)) * 3 + colour]!
        const input = ((pixel / 255) * range - (mean?.[colour] ?? 0)) / (std?.[colour] ?? 1)
        for (let d = 0; d < 4; d++) sums[d]! += input * tinyWeight((c * 112 + y) * 112 + x, d)
      }
  return sums
}

const unit = (row: number[]) => row.map((v) => v / Math.hypot(...row))
const NORMALIZED: Expected = { mean: [127.5, 127.5, 127.5], std: [127.5, 127.5, 127.5] }
const METADATA: ArcfaceMetadataInput = {
  format: 1,
  input: { layout: 'NCHW', size: [112, 112] },
  alignment: ARCFACE_ALIGNMENT,
  dim: 4,
  loss: { name: 'arcface' },
  backbone: 'tiny',
  thresholds: { '1e-3': 0.4 },
}

function expectRows(actual: Float32Array, expected: number[][]): void {
  expect(actual.length).toBe(expected.length * 4)
  expected.flat().forEach((value, i) => {
    expect(Math.abs(actual[i]! - value), `number ${i}`).toBeLessThan(2e-5)
  })
}

const image = (all: Uint8Array, i: number) => all.subarray(i * IMAGE_BYTES, (i + 1) * IMAGE_BYTES)

describe('Embedder', () => {
  const cases: [
    string,
    TinyModelOptions,
    OpenEmbedderOptions,
    string | undefined,
    string,
    Expected,
  ][] = [
    ['our model', { normalize: true, metadata: METADATA }, {}, undefined, 'metadata', NORMALIZED],
    [
      'names as InsightFace reads',
      { normalize: true },
      {},
      undefined,
      'insightface-rule',
      NORMALIZED,
    ],
    ['other names', {}, {}, undefined, 'insightface-rule', NORMALIZED],
    [
      'a sidecar',
      {},
      {},
      '{"range": 1, "mean": [0.1, 0.5, 0.3], "std": 0.2}',
      'sidecar',
      { range: 1, mean: [0.1, 0.5, 0.3], std: [0.2, 0.2, 0.2] },
    ],
    [
      'options, which win over a sidecar; three values stay with their colours',
      {},
      { preprocessing: { colorOrder: 'BGR', mean: [10, 120, 90], std: [50, 60, 70] } },
      '{"mean": 1}',
      'options',
      { bgr: true, mean: [10, 120, 90], std: [50, 60, 70] },
    ],
    [
      'an option alone, which replaces nothing else',
      {},
      { preprocessing: { colorOrder: 'BGR' } },
      undefined,
      'options',
      { ...NORMALIZED, bgr: true },
    ],
    [
      'a mean alone, beside what the graph does',
      { normalize: true },
      { preprocessing: { mean: [10, 20, 30] } },
      undefined,
      'options',
      { ...NORMALIZED, mean: [137.5, 147.5, 157.5] },
    ],
    [
      'a unit alone, which changes no values',
      {},
      { preprocessing: { range: 1 } },
      undefined,
      'options',
      NORMALIZED,
    ],
    [
      'a value each: pack, sidecar, options',
      {},
      {
        packPreprocessing: { colorOrder: 'BGR', mean: 100, std: 50 },
        preprocessing: { std: [40, 50, 60] },
      },
      '{"mean": [90, 100, 110]}',
      'options',
      { bgr: true, mean: [90, 100, 110], std: [40, 50, 60] },
    ],
  ]
  it.each(cases)('preprocesses by %s', async (_, model, options, sidecar, source, expected) => {
    await using(
      model,
      options,
      async (embedder) => {
        const all = images(3)
        const rows = [0, 1, 2].map((i) => features(image(all, i), expected))
        const flipped = [0, 1, 2].map((i) => features(image(all, i), { ...expected, flip: true }))
        expect(embedder.preprocessingSource).toBe(source)
        expect(embedder.dim).toBe(4)
        expectRows(await embedder.embed(all, 3), rows.map(unit))
        const sums = rows.map((row, i) => unit(row.map((v, d) => v + flipped[i]![d]!)))
        expectRows(await embedder.embed(all, 3, { flip: true }), sums)
        const raw = await embedder.features(all, 3)
        rows.flat().forEach((v, i) => {
          expect(Math.abs(raw[i]! - v)).toBeLessThan(1e-4 * Math.hypot(...rows[0]!))
        })
      },
      sidecar,
    )
  })

  it.each(['batch', 1, 3] as const)('takes any number of images; declared: %s', async (batch) => {
    await using({ normalize: true, batch }, {}, async (embedder) => {
      const all = images(35)
      const rows = await embedder.embed(all, 35)
      const singles = Array.from({ length: 35 }, (_, i) => embedder.embed(image(all, i), 1))
      for (const [i, row] of (await Promise.all(singles)).entries()) {
        const together = rows.subarray(4 * i, 4 * i + 4)
        expect(row.reduce((sum, v, d) => sum + v * together[d]!, 0)).toBeCloseTo(1, 6)
      }
      expect(await embedder.embed(new Uint8Array(0), 0)).toEqual(new Float32Array(0))
    })
  })

  it('tells how long embeddings were, unless the network normalises them', async () => {
    const all = images(3)
    const rows = [0, 1, 2].map((i) => features(image(all, i), NORMALIZED))
    for (const flip of [false, true])
      await using({ normalize: true }, {}, async (embedder) => {
        const { rows: found, norms } = await embedder.embedWithNorms(all, 3, { flip })
        expect(found).toEqual(await embedder.embed(all, 3, { flip }))
        expect(norms).toHaveLength(3)
        for (const [i, row] of rows.entries())
          expect(norms![i]! / Math.hypot(...row)).toBeCloseTo(1, 4)
      })
    await using({ normalize: true, end: 'unit' }, {}, async (embedder) => {
      const { rows: found, norms } = await embedder.embedWithNorms(all, 3)
      expectRows(found, rows.map(unit))
      expect(norms).toBeUndefined()
    })
  })

  it('tells what our exporter wrote', async () => {
    await using({ metadata: METADATA }, {}, ({ metadata }) => {
      expect(metadata).toMatchObject({ backbone: 'tiny', dim: 4, thresholds: { '1e-3': 0.4 } })
    })
    await using({}, {}, ({ metadata }) => expect(metadata).toBeUndefined())
  })

  const bad: [string, string, TinyModelOptions | Uint8Array, OpenEmbedderOptions, RegExp][] = [
    ['a file of another kind', 'ONNX_NOT_A_MODEL', Buffer.from('GIF89a'), {}, /onnx/],
    ['a truncated file', 'ONNX_NOT_A_MODEL', tinyModel().subarray(0, 9000), {}, /cut short/],
    ['another size', 'VISION_MODEL_SHAPE', { size: 128 }, {}, /batch x 3 x 128 x 128/],
    ['another type', 'VISION_MODEL_SHAPE', { inputType: TensorProto_DataType.INT64 }, {}, /int64/],
    ['two outputs', 'VISION_MODEL_SHAPE', { secondOutput: true }, {}, /2 outputs/],
    ['images for output', 'VISION_MODEL_SHAPE', { end: 'input' }, {}, /1 x 3 x 112 x 112/],
    [
      'metadata that lies',
      'VISION_MODEL_SHAPE',
      { dim: 5, metadata: METADATA },
      {},
      /length 5.*says 4/,
    ],
    [
      'an option for a model that carries its own',
      'VISION_PREPROCESSING',
      { normalize: true, metadata: METADATA },
      { preprocessing: { colorOrder: 'BGR' } },
      /exported here.*RGB, white 255, mean 0, std 1.*twice/,
    ],
    ['a bad std', 'VISION_PREPROCESSING', {}, { preprocessing: { std: 0 } }, /std/],
    ['no threads', 'RECOGNIZE_USE', {}, { threads: 0 }, /threads/],
    ['a misspelt option', 'RECOGNIZE_USE', {}, { thread: 1 } as object, /did you mean threads/],
  ]
  it.each(bad)('refuses %s', async (_, code, model, options, message) => {
    await expect(using(model, options, () => undefined)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    })
  })

  it('refuses a bad sidecar and a missing file by name', async () => {
    for (const [text, code] of [
      ['{mean: 1}', 'RECOGNIZE_PREPROCESSING'],
      ['{"means": 1}', 'VISION_PREPROCESSING'],
    ] as const) {
      await expect(using({}, {}, () => undefined, text)).rejects.toMatchObject({
        code,
        message: expect.stringMatching(/\.onnx\.json/),
      })
    }
    await expect(openEmbedder(join(dir, 'none.onnx'))).rejects.toMatchObject({
      code: 'ONNX_UNREADABLE',
    })
  })

  it('refuses an operator that ONNX Runtime lacks', async () => {
    const model = decodeModel(tinyModel(), 'tiny')
    model.graph!.node[0]!.opType = 'Unknown'
    const other = encodeModel(model)
    await expect(using(other, {}, () => undefined)).rejects.toMatchObject({
      code: 'RECOGNIZE_LOAD',
    })
  })

  it('refuses embeddings that say nothing, naming the image', async () => {
    for (const [weight, what] of [
      [0, /is zero/],
      [Number.NaN, /NaN/],
    ] as const) {
      await using({ weight }, {}, async (embedder) => {
        await expect(embedder.embed(images(1), 1)).rejects.toMatchObject({
          code: 'VISION_EMBEDDING',
          message: expect.stringMatching(what),
        })
      })
    }
  })

  it('refuses a network that mixes up its batch', async () => {
    await using({ end: 'one-row' }, {}, async (embedder) => {
      // As many as make batches of more than one, on any number of cores.
      await expect(embedder.embed(images(200), 200)).rejects.toMatchObject({
        code: 'VISION_MODEL_SHAPE',
        message: expect.stringMatching(/for \d+ images its output is 1 x \d+ /),
      })
    })
  })

  it('refuses images of a wrong size, and work after close', async () => {
    const closed = await using({}, {}, async (embedder) => {
      await expect(embedder.embed(images(1), 2)).rejects.toMatchObject({ code: 'VISION_IMAGES' })
      // Floats from 0 to 1 would be nearly black.
      await expect(embedder.embed(Float32Array.from(images(1)) as never, 1)).rejects.toMatchObject({
        code: 'VISION_IMAGES',
      })
      await expect(embedder.embed(images(1), 0.5)).rejects.toMatchObject({
        code: 'VISION_IMAGES',
      })
      return embedder
    })
    await closed.close()
    await expect(closed.embed(images(1), 1)).rejects.toMatchObject({ code: 'VISION_USE' })
  })
})

describe('writeInput', () => {
  it('is the formula of the schema, in either order and either unit', () => {
    const channel = fc.double({ min: 0.25, max: 1, noNaN: true })
    const triple = fc.tuple(channel, channel, channel)
    fc.assert(
      fc.property(
        triple,
        triple,
        fc.constantFrom('RGB', 'BGR'),
        fc.nat(111),
        (mean, std, colorOrder, y) => {
          const all = images(2)
          const target = new Float32Array(all.length)
          writeInput(all, { colorOrder, range: 1, mean, std }, target)
          for (let c = 0; c < 3; c++) {
            const pixel = all[IMAGE_BYTES + (y * 112 + 5) * 3 + (colorOrder === 'RGB' ? c : 2 - c)]!
            const colour = colorOrder === 'RGB' ? c : 2 - c
            const expected = (pixel / 255 - mean[colour]!) / std[colour]!
            expect(target[IMAGE_BYTES + (c * 112 + y) * 112 + 5]).toBeCloseTo(expected, 5)
          }
          const scale = (values: number[]) => values.map((v) => 255 * v) as [number, number, number]
          const other = new Float32Array(all.length)
          writeInput(all, { colorOrder, range: 255, mean: scale(mean), std: scale(std) }, other)
          expect(other.every((v, i) => Math.abs(v - target[i]!) < 1e-5)).toBe(true)
        },
      ),
      { numRuns: 5 },
    )
  })
})
