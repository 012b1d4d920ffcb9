import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  decodeModel,
  encodeModel,
  type ModelProto,
  NodeProtoSchema,
  TensorProto_DataType,
  ValueInfoProtoSchema,
} from '@arcface/onnx'
import { tinyModel } from '@arcface/testing'
import { IMAGE_BYTES } from '@arcface/vision'
import { create } from '@bufbuild/protobuf'
import { describe, expect, it } from 'vitest'
import { type OpenEmbedderOptions, openEmbedder } from './open.js'

let count = 0
const dir = mkdtempSync(join(tmpdir(), 'adapt-'))
const { FLOAT, FLOAT16, UINT8 } = TensorProto_DataType
const PIXELS: OpenEmbedderOptions = { threads: 1, preprocessing: { mean: 0, std: 1, range: 255 } }
const images = (n: number) =>
  Uint8Array.from({ length: n * IMAGE_BYTES }, (_, i) => (i * 31 + (i >> 7) * 17 + (i >> 15)) % 256)

const int = (name: string, i: number) =>
  create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INT, i: BigInt(i) })
const ints = (name: string, ...all: number[]) =>
  create(AttributeProtoSchema, {
    name,
    type: AttributeProto_AttributeType.INTS,
    ints: all.map(BigInt),
  })
const node = (opType: string, from: string, to: string, ...attribute: ReturnType<typeof int>[]) =>
  create(NodeProtoSchema, { opType, name: to, input: [from], output: [to], attribute })
const value = (name: string, elemType: TensorProto_DataType, ...sides: (number | string)[]) =>
  create(ValueInfoProtoSchema, {
    name,
    type: {
      value: {
        case: 'tensorType',
        value: {
          elemType,
          shape: {
            dim: sides.map((side) => ({
              value:
                typeof side === 'number'
                  ? { case: 'dimValue' as const, value: BigInt(side) }
                  : { case: 'dimParam' as const, value: side },
            })),
          },
        },
      },
    },
  })

/** The tiny network, `x` to its output, with another input before it and another output behind. */
function twin(change: (model: ModelProto, output: string) => void): string {
  const model = decodeModel(tinyModel(), 'tiny')
  const graph = model.graph!
  change(model, graph.output[0]!.name)
  const path = join(dir, `${count++}.onnx`)
  writeFileSync(path, encodeModel(model))
  return path
}

function takes(
  model: ModelProto,
  input: ReturnType<typeof value>,
  ...nodes: ReturnType<typeof node>[]
) {
  model.graph!.input = [input]
  model.graph!.node.unshift(...nodes)
}

const turn = ints('perm', 0, 3, 1, 2)
const half = (model: ModelProto, output: string) => {
  model.graph!.node.push(node('Cast', output, 'half', int('to', FLOAT16)))
  model.graph!.output = [value('half', FLOAT16, 'batch', 4)]
}

const twins: [string, (model: ModelProto, output: string) => void, number][] = [
  ['itself', () => {}, 0],
  [
    'one that takes bytes',
    (model) =>
      takes(
        model,
        value('u', UINT8, 'batch', 3, 112, 112),
        node('Cast', 'u', 'x', int('to', FLOAT)),
      ),
    0,
  ],
  [
    'one that takes float16',
    (model) =>
      takes(model, value('h', FLOAT16, 'n', 3, 112, 112), node('Cast', 'h', 'x', int('to', FLOAT))),
    0,
  ],
  [
    'one of float16 on both sides',
    (model, output) => {
      takes(model, value('h', FLOAT16, 'n', 3, 112, 112), node('Cast', 'h', 'x', int('to', FLOAT)))
      half(model, output)
    },
    2e-3,
  ],
  [
    'one with channels last',
    (model) => takes(model, value('t', FLOAT, 'n', 112, 112, 3), node('Transpose', 't', 'x', turn)),
    0,
  ],
  [
    'one that takes two images of bytes with channels last',
    (model) =>
      takes(
        model,
        value('u', UINT8, 2, 112, 112, 3),
        node('Cast', 'u', 'c', int('to', FLOAT)),
        node('Transpose', 'c', 'x', turn),
      ),
    0,
  ],
  [
    'one that gives its norm too, first',
    (model, output) => {
      model.graph!.node.push(node('ReduceL2', output, 'norm', ints('axes', 1), int('keepdims', 1)))
      model.graph!.output.unshift(value('norm', FLOAT, 'batch', 1))
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
      takes(model, value('u', UINT8, 'n', 3, 112, 112), node('Cast', 'u', 'x', int('to', FLOAT))),
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
        openEmbedder(twin((model) => takes(model, value('x', FLOAT, 'n', ...sides)))),
      ).rejects.toMatchObject(refused)
    const two = twin((model, output) => {
      model.graph!.node.push(node('Identity', output, 'again'))
      model.graph!.output.push(value('again', FLOAT, 'n', 4))
    })
    await expect(openEmbedder(two)).rejects.toMatchObject(refused)
  })
})
