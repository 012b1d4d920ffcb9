import { create } from '@bufbuild/protobuf'
import { expect, it } from 'vitest'
import {
  ModelProtoSchema,
  TensorProto_DataLocation,
  TensorProto_DataType,
} from '../generated/onnx_pb.js'
import { decodeModel, encodeModel } from '../model/model.js'
import { withoutTinyWeights } from './tiny.js'

/** A model of one tensor of weights, none of them tiny. */
const modelOfWeights = () => {
  const rawData = new Uint8Array(Float32Array.from({ length: 64 }, (_, i) => i / 8 - 3).buffer)
  const weights = { name: 'w', dims: [64n], dataType: TensorProto_DataType.FLOAT, rawData }
  const graph = { name: 'weights', initializer: [weights], output: [{ name: 'w' }] }
  const bytes = encodeModel(
    create(ModelProtoSchema, { irVersion: 8n, opsetImport: [{ version: 17n }], graph }),
  )
  return decodeModel(bytes, 'tiny')
}

const weightsOf = (bytes: Uint8Array) => {
  const { rawData } = decodeModel(bytes, 'tiny').graph!.initializer[0]!
  return new Float32Array(rawData.slice().buffer)
}

it('sets what is too small to count to zero, and nothing else', () => {
  const model = modelOfWeights()
  const [weights] = model.graph!.initializer
  const values = new Float32Array(weights!.rawData.slice().buffer)
  const some = [1e-40, -1e-45, 1e-21, -9e-21, 1.1e-20, -1e-19, 0, 3, Number.NaN, Infinity]
  values.set(some)
  weights!.rawData = new Uint8Array(values.buffer)
  const expected = values.map((value) => (Math.abs(value) < 1e-20 ? 0 : value))
  expect(weightsOf(withoutTinyWeights(model)!)).toEqual(expected)
  expect(values[0]).not.toBe(0)
})

it('leaves models alone that have none, or whose weights lie elsewhere', () => {
  const model = modelOfWeights()
  expect(withoutTinyWeights(model)).toBeUndefined()
  const [weights] = model.graph!.initializer
  weights!.rawData = new Uint8Array(Float32Array.of(1e-40).buffer)
  weights!.dataLocation = TensorProto_DataLocation.EXTERNAL
  expect(withoutTinyWeights(model)).toBeUndefined()
})
