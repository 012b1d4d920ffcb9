import { create } from '@bufbuild/protobuf'
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataType,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from '../generated/onnx_pb.js'

/** Numbers of a tensor; the class of the array decides the element type. */
export type Numbers = Float32Array | Int8Array | Uint8Array | Int32Array | BigInt64Array

/** An attribute of a node, by its ONNX type. `int` and `ints` are whole numbers. */
export type Attribute =
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly string: string }
  | { readonly tensor: { readonly data: Numbers; readonly shape: readonly number[] } }

export type Attributes = Readonly<Record<string, Attribute>>

/** Side by side of a tensor; a string is the name of one that is free. */
export type Shape = readonly (number | string)[]

const { FLOAT, INT8, UINT8, INT32, INT64 } = TensorProto_DataType

/** A node with one output. An empty name among the inputs is an optional one that is left out. */
export function node(
  type: string,
  inputs: readonly string[],
  output: string,
  attributes: Attributes = {},
  name = output,
): NodeProto {
  const attribute = Object.entries(attributes).map(([key, value]) => attributeOf(key, value))
  return create(NodeProtoSchema, {
    name,
    opType: type,
    input: [...inputs],
    output: [output],
    attribute,
  })
}

function attributeOf(name: string, value: Attribute): AttributeProto {
  const types = AttributeProto_AttributeType
  if ('int' in value)
    return create(AttributeProtoSchema, { name, type: types.INT, i: BigInt(value.int) })
  if ('ints' in value)
    return create(AttributeProtoSchema, { name, type: types.INTS, ints: value.ints.map(BigInt) })
  if ('float' in value)
    return create(AttributeProtoSchema, { name, type: types.FLOAT, f: value.float })
  if ('floats' in value)
    return create(AttributeProtoSchema, { name, type: types.FLOATS, floats: [...value.floats] })
  if ('string' in value) {
    const s = new TextEncoder().encode(value.string)
    return create(AttributeProtoSchema, { name, type: types.STRING, s })
  }
  const t = tensor('', value.tensor.data, value.tensor.shape)
  return create(AttributeProtoSchema, { name, type: types.TENSOR, t })
}

/** Numbers under a name, row-major: a view, no copy. */
export function tensor(name: string, data: Numbers, shape: readonly number[]): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dims: shape.map(BigInt),
    dataType: typeOf(data),
    rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  })
}

function typeOf(data: Numbers): TensorProto_DataType {
  if (data instanceof Float32Array) return FLOAT
  if (data instanceof Int8Array) return INT8
  if (data instanceof Uint8Array) return UINT8
  return data instanceof Int32Array ? INT32 : INT64
}

/** An input or output of a graph; without a shape the file says nothing of it. */
export function valueInfo(
  name: string,
  elemType: TensorProto_DataType,
  shape?: Shape,
): ValueInfoProto {
  const dim = shape?.map((side) =>
    typeof side === 'number'
      ? { value: { case: 'dimValue' as const, value: BigInt(side) } }
      : { value: { case: 'dimParam' as const, value: side } },
  )
  const tensorType = { elemType, ...(dim && { shape: { dim } }) }
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: 'tensorType', value: tensorType } },
  })
}
