import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { noGrad, scope } from '@arcface/libtorch'
import {
  ARCFACE_ALIGNMENT,
  GraphBuilder,
  type PreprocessingInput,
  preprocessingSchema,
  TensorProto_DataType,
} from '@arcface/onnx'
import { randomEmbedder, tinyModel } from '@arcface/testing'
import { writeInput } from '@arcface/vision'
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { createBackbone } from '../backbones/index.js'
import { exportOnnx } from '../export/index.js'
import { openNetwork } from '../run/network.js'
import { images } from '../testing/fill.js'
import { toInput } from './embed.js'
import { openEmbedderFile } from './embedder-file.js'
import { OnnxBackbone } from './onnx-backbone.js'

const { FLOAT, UINT8 } = TensorProto_DataType
const room = mkdtempSync(join(tmpdir(), 'onnx-backbone-'))
const N = 3
const pixels = images('onnx backbone', N)
/** Relative: between float32 sums of this and of ONNX Runtime. 1.1e-5 was seen with MKL's products of libtorch 2.15. */
const rounding = 2e-5
const compute = { device: 'cpu', memoryFormat: 'channels_last', precision: 'fp32' } as const

let files = 0
function write(bytes: Uint8Array, sidecar?: unknown): string {
  const path = join(room, `${files++}.onnx`)
  writeFileSync(path, bytes)
  if (sidecar !== undefined) writeFileSync(`${path}.json`, JSON.stringify(sidecar))
  return path
}

/** What ONNX Runtime makes of planes of pixels, an image at a time: some files take no more. */
async function runtime(path: string, planes: Float32Array | Uint8Array): Promise<Float32Array> {
  const session = await InferenceSession.create(path)
  const rows: number[] = []
  for (let i = 0; i < N; i++) {
    const one = planes.slice((i * planes.length) / N, ((i + 1) * planes.length) / N)
    const sides = [1, 3, 112, 112]
    const input =
      one instanceof Uint8Array
        ? new OrtTensor('uint8', one, sides)
        : new OrtTensor('float32', one, sides)
    const outputs = await session.run({ [session.inputNames[0]!]: input })
    rows.push(...(outputs[session.outputNames[0]!]!.data as Float32Array))
  }
  return Float32Array.from(rows)
}

/** A network that takes bytes, and normalises in the graph. */
function bytesModel(): Uint8Array {
  const graph = new GraphBuilder('bytes')
  const x = graph.input('x', UINT8, ['batch', 3, 112, 112])
  const pixels = graph.add('Cast', [x], { to: { int: FLOAT } })
  const centred = graph.add('Sub', [pixels, graph.number(127.5)])
  const weights = Float32Array.from({ length: 4 * 3 * 112 * 112 }, (_, i) => Math.sin(i * 0.37))
  const flat = graph.add('Flatten', [centred])
  const y = graph.add('Gemm', [flat, graph.constant(weights, [3 * 112 * 112, 4], 'w')])
  graph.output(y, FLOAT, ['batch', 4])
  return graph.encode()
}

/** The pixels as a preprocessing makes them. */
function planes(preprocessing: PreprocessingInput): Float32Array {
  const target = new Float32Array(pixels.length)
  writeInput(pixels, preprocessingSchema.parse(preprocessing), target)
  return target
}

function worst(found: Float32Array, wanted: Float32Array) {
  const dim = wanted.length / N
  const rows = Array.from({ length: N }, (_, i) => {
    const [a, b] = [found, wanted].map((all) => all.subarray(i * dim, (i + 1) * dim)) as [
      Float32Array,
      Float32Array,
    ]
    const dot = (x: Float32Array, y: Float32Array) => x.reduce((s, v, k) => s + v * y[k]!, 0)
    const off = a.map((value, k) => value - b[k]!)
    return {
      cosine: dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)),
      off: Math.sqrt(dot(off, off) / dot(b, b)),
    }
  })
  return {
    cosine: Math.min(...rows.map(({ cosine }) => cosine)),
    off: Math.max(...rows.map(({ off }) => off)),
  }
}

/** A file through libtorch and exported again, each beside ONNX Runtime with the file's own pixels. */
async function compared(
  path: string,
  preprocessing: PreprocessingInput,
  given?: PreprocessingInput,
) {
  const bytes = preprocessing === BYTES ? Uint8Array.from(planes({})) : planes(preprocessing)
  const wanted = await runtime(path, bytes)
  const backbone = new OnnxBackbone(openEmbedderFile(path, given ?? null)).eval()
  const found = noGrad(() =>
    scope(() => backbone.call(toInput(pixels, N, compute)).toFloat32Array()),
  )
  expect(found).toHaveLength(N * backbone.dim)
  const again = join(room, `${files++}.onnx`)
  const { dim } = exportOnnx(backbone, again, { backbone: 'x', loss: { name: 'none' } })
  expect(dim).toBe(backbone.dim)
  backbone.dispose()
  const exported = await runtime(again, planes({}))
  expect(worst(exported, wanted).cosine).toBeGreaterThanOrEqual(0.999999)
  return worst(found, wanted)
}

const BYTES = {}
const ours = (input: object, alignment = ARCFACE_ALIGNMENT) => ({
  format: 1 as const,
  input: { layout: 'NCHW' as const, size: [112, 112] as [112, 112], ...input },
  alignment,
  dim: 4,
  loss: { name: 'arcface' },
  backbone: 'tiny',
})

describe('an ONNX file as backbone, and exported again', () => {
  const range1 = { range: 1, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const
  it.each<[string, Uint8Array, PreprocessingInput, unknown?, PreprocessingInput?]>([
    ['normalises in the graph', randomEmbedder(), {}],
    ["by InsightFace's rule", tinyModel(), { mean: 127.5, std: 127.5 }],
    [
      'by a sidecar: BGR',
      tinyModel(),
      { colorOrder: 'BGR', mean: 127.5, std: 127.5 },
      { colorOrder: 'BGR' },
    ],
    [
      'by a sidecar: three means, white 1',
      tinyModel(),
      { ...range1, mean: [...range1.mean], std: [...range1.std] },
      range1,
    ],
    [
      'by a configuration, on top of the sidecar',
      tinyModel(),
      { colorOrder: 'BGR', mean: [10, 20, 30], std: 128 },
      { std: 128 },
      { colorOrder: 'BGR', mean: [10, 20, 30] },
    ],
    [
      'by its metadata',
      tinyModel({ metadata: ours({ std: 128, mean: 3 }) }),
      { std: 128, mean: 3 },
    ],
    ['as bytes', bytesModel(), BYTES],
  ])('%s', async (_, bytes, preprocessing, sidecar, given) => {
    expect((await compared(write(bytes, sidecar), preprocessing, given)).off).toBeLessThan(rounding)
  })

  it('adds what two layers normalised, as a shortcut that is a layer', async () => {
    const path = join(room, `${files++}.onnx`)
    const backbone = createBackbone('r10-small', { embeddingSize: 8 })
    exportOnnx(backbone, path, { backbone: 'r10-small', loss: { name: 'none' } })
    backbone.dispose()
    expect((await compared(path, {})).off).toBeLessThan(rounding)
  })

  const shared = fileURLToPath(
    new URL('../../../../../shared/models/MobileFaceNet.onnx', import.meta.url),
  )
  const pack = join(
    process.env.ARCFACE_CACHE ?? join(homedir(), '.cache/arcface'),
    'packs/faceplugin/fr_feature.onnx',
  )
  it.skipIf(!existsSync(shared))('../shared/models/MobileFaceNet.onnx', async () => {
    const preprocessing = { mean: 127.5, std: 127.5 }
    expect((await compared(shared, preprocessing)).off).toBeLessThan(rounding)
  })
  it.skipIf(!existsSync(pack))('the embedder of the default pack', async () => {
    const given = { mean: 127.5, std: 127.5, colorOrder: 'RGB' } as const
    expect((await compared(pack, given, given)).off).toBeLessThan(rounding)
  })
})

describe('a file', () => {
  const refused = (path: string, code: string, message: RegExp) =>
    expect(() => openEmbedderFile(path, null)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    )

  it('that is not there, or is no model, is named', () => {
    refused(join(room, 'none.onnx'), 'TRAIN_WEIGHTS', /none\.onnx/)
    refused(write(Buffer.from('no model')), 'ONNX_NOT_A_MODEL', /\.onnx/)
  })

  it('that is no embedder is named, with what it is', () => {
    refused(write(tinyModel({ size: 96 })), 'TRAIN_IMPORT', /96 x 96/)
    refused(write(tinyModel({ secondOutput: true })), 'TRAIN_IMPORT', /outputs/)
    refused(write(tinyModel({ end: 'input' })), 'TRAIN_IMPORT', /\.onnx/)
  })

  it('whose faces are aligned otherwise is refused', () => {
    const [first, ...rest] = ARCFACE_ALIGNMENT.points
    const alignment = {
      name: 'mine',
      points: [[first![0] + 1, first![1]] as [number, number], ...rest],
    }
    refused(
      write(tinyModel({ metadata: ours({}, alignment) })),
      'TRAIN_IMPORT',
      /aligned to "mine"/,
    )
  })

  it('that carries its preprocessing takes no other', () => {
    const path = write(tinyModel({ metadata: ours({}) }))
    expect(() => openEmbedderFile(path, { std: 128 })).toThrow(
      expect.objectContaining({ code: 'VISION_PREPROCESSING' }),
    )
  })

  it('that changes after it was looked at is refused', () => {
    const path = write(tinyModel())
    const file = openEmbedderFile(path, null)
    writeFileSync(path, tinyModel({ dim: 5 }))
    expect(() => new OnnxBackbone(file)).toThrow(
      expect.objectContaining({
        code: 'TRAIN_WEIGHTS',
        hint: expect.stringContaining(file.sha256),
      }),
    )
  })

  it('with a sidecar that is no JSON is refused', () => {
    const path = write(tinyModel())
    writeFileSync(`${path}.json`, '{mean: 1}')
    refused(path, 'ONNX_UNREADABLE', /\.onnx\.json: not JSON/)
  })
})

it('an embedder opened for the images of the trainer is known by its sum', async () => {
  const path = write(tinyModel({ dim: 6 }), { colorOrder: 'BGR' })
  const { network, dim, sha256 } = await openNetwork(path, { std: 128 })
  expect(sha256).toBe(createHash('sha256').update(readFileSync(path)).digest('hex'))
  const found = noGrad(() =>
    scope(() => network.call(toInput(pixels, N, compute)).toFloat32Array()),
  )
  const wanted = await runtime(path, planes({ colorOrder: 'BGR', mean: 127.5, std: 128 }))
  expect(worst(found, wanted).off).toBeLessThan(rounding)
  expect(dim).toBe(6)
  network.dispose()
})
