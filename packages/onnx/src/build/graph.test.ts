import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { TensorProto_DataType } from '../generated/onnx_pb.js'
import { getMetadata } from '../metadata/metadata.js'
import { decodeModel, modelInputs, modelOutputs } from '../model/model.js'
import { GraphBuilder } from './graph.js'
import type { Attributes, Numbers } from './parts.js'

const { FLOAT, INT8, INT32, INT64, UINT8, STRING } = TensorProto_DataType

/** What ONNX Runtime makes of one node over `x` = 1, -2, 3 and constants. */
async function resultOf(
  type: string,
  constants: [Numbers, number[]][],
  attributes: Attributes,
  element: TensorProto_DataType = FLOAT,
  inputs: string[] = ['x'],
) {
  const graph = new GraphBuilder('one node')
  graph.input('x', FLOAT, [1, 3])
  const others = constants.map(([data, shape]) => graph.constant(data, shape))
  // An output's name is its own; that of the node is the type and its number.
  graph.output(graph.add(type, [...inputs, ...others], attributes, { output: 'y' }), element)
  const session = await InferenceSession.create(graph.encode(), { logSeverityLevel: 3 })
  const x = new Tensor('float32', Float32Array.of(1, -2, 3), [1, 3])
  const { y } = await session.run({ x })
  await session.release()
  return { dims: y!.dims, data: [...(y!.data as Iterable<number | bigint | string>)] }
}

describe('a graph', () => {
  it('of a node with each kind of attribute computes what ONNX says', async () => {
    expect(await resultOf('LeakyRelu', [], { alpha: { float: 0.25 } })).toEqual({
      dims: [1, 3],
      data: [1, -0.5, 3],
    })
    expect(await resultOf('Transpose', [], { perm: { ints: [1, 0] } })).toEqual({
      dims: [3, 1],
      data: [1, -2, 3],
    })
    expect(await resultOf('Flatten', [], { axis: { int: 0 } })).toEqual({
      dims: [1, 3],
      data: [1, -2, 3],
    })
    const floats = { value_floats: { floats: [0.5, -4] } }
    expect(await resultOf('Constant', [], floats, FLOAT, [])).toEqual({
      dims: [2],
      data: [0.5, -4],
    })
    const string = { value_string: { string: 'Größe' } }
    expect(await resultOf('Constant', [], string, STRING, [])).toEqual({
      dims: [],
      data: ['Größe'],
    })
    const tensor = { value: { tensor: { data: Int32Array.of(7, 8, 9, -1), shape: [2, 2] } } }
    expect(await resultOf('Constant', [], tensor, INT32, [])).toEqual({
      dims: [2, 2],
      data: [7, 8, 9, -1],
    })
  })

  it.each<[string, TensorProto_DataType, Numbers, (number | bigint)[]]>([
    ['float32', FLOAT, Float32Array.of(1.5, -2), [1.5, -2]],
    ['int8', INT8, Int8Array.of(-128, 127), [-128, 127]],
    ['uint8', UINT8, Uint8Array.of(0, 255), [0, 255]],
    ['int32', INT32, Int32Array.of(-70_000, 1), [-70_000, 1]],
    ['int64', INT64, BigInt64Array.of(-(2n ** 40n), 1n), [-(2n ** 40n), 1n]],
  ])('holds constants of %s, also those that are part of an array', async (_, type, data, all) => {
    const wider = new (data.constructor as new (length: number) => Numbers)(4)
    ;(wider as { set(from: unknown, at: number): void }).set(data, 1)
    for (const one of [data, wider.subarray(1, 3)])
      expect(await resultOf('Identity', [[one, [2]]], {}, type, [])).toEqual({
        dims: [2],
        data: all,
      })
  })

  it('says its inputs, outputs, names and metadata', () => {
    const graph = new GraphBuilder('g', { producer: 'a', opset: 13, metadata: { key: 'value' } })
    const x = graph.input('x', UINT8, ['batch', 3])
    const centred = graph.add('Sub', [x, graph.number(2)])
    const again = graph.add('Mul', [centred, centred])
    graph.output(graph.add('Reshape', [again, graph.integers([0, -1])], {}, { output: 'y' }), FLOAT)
    const model = decodeModel(graph.encode(), 'g')
    expect(modelInputs(model)).toEqual([{ name: 'x', elementType: 2, shape: ['batch', 3] }])
    expect(modelOutputs(model)).toEqual([{ name: 'y', elementType: 1, shape: null }])
    expect(model.graph!.node.map(({ name, output }) => [name, ...output])).toEqual([
      ['Sub_0', 'Sub_0'],
      ['Mul_1', 'Mul_1'],
      ['Reshape_2', 'y'],
    ])
    expect(getMetadata(model)).toEqual({ key: 'value' })
    expect([model.irVersion, model.opsetImport[0]?.version]).toEqual([8n, 13n])
    expect([model.producerName, model.graph!.name]).toEqual(['a', 'g'])
  })
})
