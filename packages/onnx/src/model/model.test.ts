import { create } from '@bufbuild/protobuf'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OnnxError } from '../errors.js'
import { ModelProtoSchema } from '../generated/onnx_pb.js'
import { decodeModel, encodeModel, modelInputs, modelOutputs } from './model.js'

/** The smallest model, by hand from the protobuf wire format (field << 3 | type, length, bytes). */
const text = (s: string) => [s.length, ...Buffer.from(s)]
const field = (key: number, bytes: number[]) => [key, bytes.length, ...bytes]
const dims = [
  ...field(0x0a, [0x12, ...text('batch')]), // TensorShapeProto.dim 1, dim_param 2
  ...field(0x0a, [0x08, 3]), // dim_value 1
]
const tensorType = field(0x0a, [0x08, 1, ...field(0x12, dims)]) // elem_type 1, shape 2
const value = (name: string) => [0x0a, ...text(name), ...field(0x12, tensorType)]
const graph = [...field(0x5a, value('x')), ...field(0x5a, value('w')), ...field(0x62, value('y'))]
const initializer = field(0x2a, [0x42, ...text('w')]) // GraphProto.initializer 5, name 8
const HAND_MADE = Uint8Array.from([
  ...[0x08, 8], // ir_version 1
  ...field(0x3a, [...initializer, ...graph]), // graph 7
  ...field(0x42, [0x10, 17]), // opset_import 8, version 2
])

describe('decodeModel', () => {
  it('reads a model written byte by byte', () => {
    const model = decodeModel(HAND_MADE, 'hand-made')
    expect(model.irVersion).toBe(8n)
    expect(model.opsetImport[0]?.version).toBe(17n)
    const shape = ['batch', 3]
    expect(modelInputs(model)).toEqual([{ name: 'x', elementType: 1, shape }])
    expect(modelOutputs(model)).toEqual([{ name: 'y', elementType: 1, shape }])
    expect(decodeModel(encodeModel(model), 'again')).toEqual(model)
  })

  it('refuses every truncation with a code', () => {
    for (let length = 0; length < HAND_MADE.length; length++) {
      const cut = HAND_MADE.subarray(0, length)
      expect(() => decodeModel(cut, 'cut.onnx'), `cut at ${length}`).toThrow(
        expect.objectContaining({ code: 'ONNX_NOT_A_MODEL' }),
      )
    }
  })

  it('never throws anything but a coded error on other files', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decodeModel(bytes, 'noise')
        } catch (error) {
          expect(error).toBeInstanceOf(OnnxError)
        }
      }),
    )
  })

  it('names what is missing', () => {
    const bytes = encodeModel(create(ModelProtoSchema, { irVersion: 8n }))
    expect(() => decodeModel(bytes, 'empty.onnx')).toThrow(/empty\.onnx.*lacks a graph/)
  })
})
