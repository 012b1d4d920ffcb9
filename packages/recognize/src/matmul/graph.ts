import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  encodeModel,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataType,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from '@arcface/onnx'
import { create } from '@bufbuild/protobuf'

/** What a product is made of: nodes that name each other's results, constants, and what goes in and out. */
export class Graph {
  private readonly nodes: NodeProto[] = []
  private readonly constants: TensorProto[] = []

  /** Adds a node; returns the name of its result, which is its own unless `name` is given. */
  add(
    opType: string,
    input: readonly string[],
    attributes: Record<string, bigint | readonly bigint[]> = {},
    name = `${opType}_${this.nodes.length}`,
  ): string {
    const attribute = Object.entries(attributes).map(([key, value]) => attributeOf(key, value))
    this.nodes.push(
      create(NodeProtoSchema, { name, opType, input: [...input], output: [name], attribute }),
    )
    return name
  }

  /** Adds a constant; returns its name. */
  constant(data: Float32Array | Int8Array | Uint8Array | BigInt64Array, dims: readonly number[]) {
    const name = `constant_${this.constants.length}`
    this.constants.push(
      create(TensorProtoSchema, {
        name,
        dims: dims.map(BigInt),
        dataType: typeOf(data),
        rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
      }),
    )
    return name
  }

  number(x: number): string {
    return this.constant(Float32Array.of(x), [])
  }

  integers(numbers: readonly number[]): string {
    return this.constant(BigInt64Array.from(numbers, BigInt), [numbers.length])
  }

  reshape(input: string, ...shape: number[]): string {
    return this.add('Reshape', [input, this.integers(shape)])
  }

  /** The largest along an axis, which is gone afterwards. */
  max(input: string, axis: number, name?: string): string {
    return this.add('ReduceMax', [input], { axes: [BigInt(axis)], keepdims: 0n }, name)
  }

  encode(input: readonly ValueInfoProto[], output: readonly ValueInfoProto[]): Uint8Array {
    return encodeModel(
      create(ModelProtoSchema, {
        irVersion: 8n,
        opsetImport: [{ version: 17n }],
        graph: {
          name: 'product',
          node: this.nodes,
          initializer: this.constants,
          input: [...input],
          output: [...output],
        },
      }),
    )
  }
}

export const { FLOAT, INT8, INT32, INT64, UINT8 } = TensorProto_DataType

/** An input or output; a string is the name of a size that is free. */
export function value(
  name: string,
  elemType: TensorProto_DataType,
  ...shape: (string | number)[]
): ValueInfoProto {
  const dim = shape.map((size) =>
    typeof size === 'number'
      ? { value: { case: 'dimValue' as const, value: BigInt(size) } }
      : { value: { case: 'dimParam' as const, value: size } },
  )
  const tensorType = { elemType, shape: { dim } }
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: 'tensorType', value: tensorType } },
  })
}

function attributeOf(name: string, value: bigint | readonly bigint[]): AttributeProto {
  return typeof value === 'bigint'
    ? create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INT, i: value })
    : create(AttributeProtoSchema, {
        name,
        type: AttributeProto_AttributeType.INTS,
        ints: [...value],
      })
}

function typeOf(data: Float32Array | Int8Array | Uint8Array | BigInt64Array) {
  if (data instanceof Float32Array) return FLOAT
  if (data instanceof Int8Array) return INT8
  return data instanceof Uint8Array ? UINT8 : INT64
}
