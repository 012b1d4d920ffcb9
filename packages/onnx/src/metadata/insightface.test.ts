import { create } from '@bufbuild/protobuf'
import { describe, expect, it } from 'vitest'
import { type ModelProto, ModelProtoSchema } from '../generated/onnx_pb.js'
import { insightfaceAccepts, insightfacePreprocessing } from './insightface.js'

function withNodes(...names: string[]): ModelProto {
  return create(ModelProtoSchema, { graph: { node: names.map((name) => ({ name })) } })
}

function withShapes(outputs: number, ...dims: number[]): ModelProto {
  const dim = dims.map((d) => ({ value: { case: 'dimValue' as const, value: BigInt(d) } }))
  const type = {
    value: { case: 'tensorType' as const, value: { elemType: 1, shape: { dim } } },
  }
  const output = Array.from({ length: outputs }, (_, i) => ({ name: `y${i}` }))
  return create(ModelProtoSchema, { graph: { input: [{ name: 'x', type }], output } })
}

describe("InsightFace's reading rule", () => {
  const inGraph = { colorOrder: 'RGB', range: 255, mean: [0, 0, 0], std: [1, 1, 1] }
  const outside = { ...inGraph, mean: [127.5, 127.5, 127.5], std: [127.5, 127.5, 127.5] }

  it.each([
    [['Sub_0', 'Mul_1', 'Conv_2'], inGraph],
    [['_minusscalar0', '_mulscalar0', 'conv0'], inGraph],
    [['Conv_0', 'Mul_1'], outside],
    [['Sub_0', 'Conv_1'], outside],
    [['/Sub', '/Mul'], outside], // newer torch exporters write a path: the rule misses them
    [['a', 'b', 'c', 'd', 'e', 'f', 'g', 'Sub', 'Mul'], outside], // the ninth node
    [[], outside],
  ])('reads %j', (names, expected) => {
    expect(insightfacePreprocessing(withNodes(...names))).toEqual(expected)
  })

  it('accepts 112x112 with one output', () => {
    expect(insightfaceAccepts(withShapes(1, 1, 3, 112, 112))).toBe(true)
    expect(insightfaceAccepts(withShapes(2, 1, 3, 112, 112))).toBe(false)
    expect(insightfaceAccepts(withShapes(1, 1, 3, 192, 192))).toBe(false)
  })
})
