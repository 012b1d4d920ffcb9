import { create } from '@bufbuild/protobuf'
import { describe, expect, it } from 'vitest'
import { tensor } from '../build/parts.js'
import { TensorProtoSchema, TensorProto_DataType as Type } from '../generated/onnx_pb.js'
import { numbersOf } from './numbers.js'

const made = (dataType: Type, dims: number[], more: object) =>
  create(TensorProtoSchema, { name: 'w', dataType, dims: dims.map(BigInt), ...more })
const bytes = (array: ArrayBufferView) =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength)

describe('numbers of a tensor', () => {
  // Values by IEEE 754: halves 1, -2, 65504, 2^-24, 1/3, infinity; the upper halves of float32 1, -2, 3.140625.
  const halves = [0x3c00, 0xc000, 0x7bff, 0x0001, 0x3555, 0x7c00]
  const asHalves = [1, -2, 65504, 2 ** -24, 0.333251953125, Number.POSITIVE_INFINITY]
  const [brains, asBrains] = [
    [0x3f80, 0xc000, 0x4049],
    [1, -2, 3.140625],
  ]
  it.each<[string, Type, object, number[]]>([
    ['float32', Type.FLOAT, { rawData: bytes(Float32Array.of(1.5, -2)) }, [1.5, -2]],
    ['float32 as a list', Type.FLOAT, { floatData: [1.5, -2] }, [1.5, -2]],
    ['float64', Type.DOUBLE, { rawData: bytes(Float64Array.of(0.5, -4)) }, [0.5, -4]],
    ['float64 as a list', Type.DOUBLE, { doubleData: [0.5, -4] }, [0.5, -4]],
    ['float16', Type.FLOAT16, { rawData: bytes(Uint16Array.from(halves)) }, asHalves],
    ['float16 as a list', Type.FLOAT16, { int32Data: halves }, asHalves],
    ['bfloat16', Type.BFLOAT16, { rawData: bytes(Uint16Array.from(brains)) }, asBrains],
    ['bfloat16 as a list', Type.BFLOAT16, { int32Data: brains }, asBrains],
  ])('%s as float32', (_, type, data, wanted) => {
    expect(numbersOf(made(type, [wanted.length], data))).toEqual(Float32Array.from(wanted))
  })

  it.each<[string, Type, object, bigint[]]>([
    [
      'int64',
      Type.INT64,
      { rawData: bytes(BigInt64Array.of(-(2n ** 40n), 3n)) },
      [-(2n ** 40n), 3n],
    ],
    ['int64 as a list', Type.INT64, { int64Data: [-5n, 3n] }, [-5n, 3n]],
    ['uint64 as a list', Type.UINT64, { uint64Data: [5n] }, [5n]],
    ['uint32', Type.UINT32, { rawData: bytes(Uint32Array.of(2 ** 31)) }, [2n ** 31n]],
    ['int32', Type.INT32, { rawData: bytes(Int32Array.of(-7, 9)) }, [-7n, 9n]],
    ['int16', Type.INT16, { rawData: bytes(Int16Array.of(-300)) }, [-300n]],
    ['uint16', Type.UINT16, { rawData: bytes(Uint16Array.of(65535)) }, [65535n]],
    ['int8', Type.INT8, { rawData: bytes(Int8Array.of(-128, 127)) }, [-128n, 127n]],
    ['int8 as a list', Type.INT8, { int32Data: [-128] }, [-128n]],
    ['uint8', Type.UINT8, { rawData: bytes(Uint8Array.of(255)) }, [255n]],
    ['truth', Type.BOOL, { rawData: bytes(Uint8Array.of(1, 0)) }, [1n, 0n]],
  ])('%s as int64', (_, type, data, wanted) => {
    expect(numbersOf(made(type, [wanted.length], data))).toEqual(BigInt64Array.from(wanted))
  })

  it('is a copy, wherever the bytes begin', () => {
    const file = new Uint8Array(13)
    file.set(bytes(Float32Array.of(1, 2, 3)), 1)
    const weights = made(Type.FLOAT, [3], { rawData: file.subarray(1) })
    const found = numbersOf(weights)
    found[0] = 9
    expect([...found, ...numbersOf(weights)]).toEqual([9, 2, 3, 1, 2, 3])
  })

  it('of no side is one number, of a side of 0 none', () => {
    expect(numbersOf(tensor('x', Float32Array.of(4), []))).toEqual(Float32Array.of(4))
    expect(numbersOf(tensor('x', new Float32Array(), [3, 0]))).toEqual(new Float32Array())
  })

  it.each<[string, Type, number[], object, string]>([
    ['too few', Type.FLOAT, [3], { rawData: new Uint8Array(8) }, '8 bytes'],
    ['a part of one', Type.FLOAT, [3], { rawData: new Uint8Array(11) }, '11 bytes'],
    ['too few in a list', Type.FLOAT, [3], { floatData: [1, 2] }, '2 numbers'],
    [
      'a shape of more than memory',
      Type.INT8,
      [2 ** 40, 2 ** 40],
      { rawData: new Uint8Array(8) },
      '8 bytes',
    ],
    ['a side below 0', Type.FLOAT, [-1, -2], { rawData: new Uint8Array(8) }, '[-1, -2]'],
    ['texts', Type.STRING, [1], {}, 'STRING'],
    ['another type', 99 as Type, [1], {}, '99'],
  ])('refuses %s', (_, type, dims, data, part) => {
    expect(() => numbersOf(made(type, dims, data))).toThrow(
      expect.objectContaining({
        code: 'ONNX_NOT_A_MODEL',
        message: expect.stringContaining(part),
      }),
    )
  })
})
