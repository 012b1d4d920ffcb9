import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  decodeModel,
  encodeModel,
  type ModelProto,
  type NodeProto,
  node,
  TensorProto_DataType,
  type ValueInfoProto,
  valueInfo,
} from '@arcface/onnx'
import { tinyModel } from '@arcface/testing'
import { IMAGE_BYTES } from '@arcface/vision'
import { describe, expect, it } from 'vitest'
import { type OpenEmbedderOptions, openEmbedder } from './open.js'

let count = 0
const dir = mkdtempSync(join(tmpdir(), 'adapt-'))
const { FLOAT, FLOAT16, UINT8 } = TensorProto_DataType
const PIXELS: OpenEmbedderOptions = { threads: 1, preprocessing: { mean: 0, std: 1, range: 255 } }
const images = (n: number) =>
  Uint8Array.from({ length: n * IMAGE_BYTES }, (_, i) => (i * 31 + (i >> 7) * 17 + (i >> 15)) % 256)

const castTo = (type: TensorProto_DataType, from: string, to: string) =>
  node('Cast', [from], to, { to: { int: type } })

/** The tiny network, `x` to its output, with another input before it and another output behind. */
function twin(change: (model: ModelProto, output: string) => void): string {
  const model = decodeModel(tinyModel(), 'tiny')
  const graph = model.graph!
  change(model, graph.output[0]!.name)
  const path = join(dir, `${count++}.onnx`)
  writeFileSync(path, encodeModel(model))
  return path
}

function takes(model: ModelProto, input: ValueInfoProto, ...nodes: NodeProto[]) {
  model.graph!.input = [input]
  model.graph!.node.unshift(...nodes)
}

const turn = (from: string) => node('Transpose', [from], 'x', { perm: { ints: [0, 3, 1, 2] } })
const half = (model: ModelProto, output: string) => {
  model.graph!.node.push(castTo(FLOAT16, output, 'half'))
  model.graph!.output = [valueInfo('half', FLOAT16, ['batch', 4])]
}

const twins: [string, (model: ModelProto, output: string) => void, number][] = [
  ['itself', () => {}, 0],
  [
    'one that takes bytes',
    (model) => takes(model, valueInfo('u', UINT8, ['batch', 3, 112, 112]), castTo(FLOAT, 'u', 'x')),
    0,
  ],
  [
    'one that takes float16',
    (model) => takes(model, valueInfo('h', FLOAT16, ['n', 3, 112, 112]), castTo(FLOAT, 'h', 'x')),
    0,
  ],
  [
    'one of float16 on both sides',
    (model, output) => {
      takes(model, valueInfo('h', FLOAT16, ['n', 3, 112, 112]), castTo(FLOAT, 'h', 'x'))
      half(model, output)
    },
    2e-3,
  ],
  [
    'one with channels last',
    (model) => takes(model, valueInfo('t', FLOAT, ['n', 112, 112, 3]), turn('t')),
    0,
  ],
  [
    'one that takes two images of bytes with channels last',
    (model) =>
      takes(model, valueInfo('u', UINT8, [2, 112, 112, 3]), castTo(FLOAT, 'u', 'c'), turn('c')),
    0,
  ],
  [
    'one that gives its norm too, first',
    (model, output) => {
      model.graph!.node.push(
        node('ReduceL2', [output], 'norm', { axes: { ints: [1] }, keepdims: { int: 1 } }),
      )
      model.graph!.output.unshift(valueInfo('norm', FLOAT, ['batch', 1]))
    },
    0,
  ],
]

describe('a network of another shape', () => {
  it.each(twins)(
    'gives the embeddings of its float32 NCHW twin: %s',
    async (_, change, tolerance) => {
      const path = join(dir, 'tiny.onnx')
      writeFileSync(path, tinyModel())
      const [plain, other] = await Promise.all([
        openEmbedder(path, PIXELS),
        openEmbedder(twin(change), PIXELS),
      ])
      const all = images(5)
      for (const flip of [false, true]) {
        const [expected, found] = await Promise.all([
          plain.embed(all, 5, { flip }),
          other.embed(all, 5, { flip }),
        ])
        expect(found.length).toBe(20)
        for (const [i, one] of expected.entries())
          expect(Math.abs(found[i]! - one), `number ${i}`).toBeLessThanOrEqual(tolerance + 1e-6)
      }
      await Promise.all([plain.close(), other.close()])
    },
  )

  it('that takes bytes is given the pixels as they are, and nothing else', async () => {
    const path = twin((model) =>
      takes(model, valueInfo('u', UINT8, ['n', 3, 112, 112]), castTo(FLOAT, 'u', 'x')),
    )
    const embedder = await openEmbedder(path, { threads: 1 })
    expect(embedder.preprocessing).toEqual({
      colorOrder: 'RGB',
      range: 255,
      mean: [0, 0, 0],
      std: [1, 1, 1],
    })
    await embedder.close()
    const bgr = await openEmbedder(path, { threads: 1, preprocessing: { colorOrder: 'BGR' } })
    await bgr.close()
    for (const preprocessing of [{ mean: 127.5 }, { std: 2 }, { range: 1 as const }])
      await expect(openEmbedder(path, { threads: 1, preprocessing })).rejects.toMatchObject({
        code: 'VISION_PREPROCESSING',
      })
  })

  it('is refused where its size fits neither way, or two outputs may be meant', async () => {
    const refused = { code: 'VISION_MODEL_SHAPE' }
    for (const sides of [
      [112, 3, 112],
      [1, 112, 112],
      [160, 160, 3],
    ])
      await expect(
        openEmbedder(twin((model) => takes(model, valueInfo('x', FLOAT, ['n', ...sides])))),
      ).rejects.toMatchObject(refused)
    const two = twin((model, output) => {
      model.graph!.node.push(node('Identity', [output], 'again'))
      model.graph!.output.push(valueInfo('again', FLOAT, ['n', 4]))
    })
    await expect(openEmbedder(two)).rejects.toMatchObject(refused)
  })
})
