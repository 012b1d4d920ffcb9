import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  encodeModel,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from '@arcface/data/onnx'
import { create } from '@bufbuild/protobuf'

/**
 * An ONNX model of two nodes: scores (M x n) = block (M x dim) times the transpose of `rows`, and
 * best (n), the largest of each column. Gemm rather than MatMul, because it takes rows as they lie in
 * memory; the rows stand in the model, because ONNX Runtime packs constants once and for all.
 *
 * @param rows n x dim, row-major
 */
export function productModel(rows: Float32Array, n: number, dim: number): Uint8Array {
  const integer = AttributeProto_AttributeType.INT
  return encodeModel(
    create(ModelProtoSchema, {
      irVersion: 8n,
      opsetImport: [{ version: 17n }],
      graph: {
        name: 'product',
        node: [
          create(NodeProtoSchema, {
            opType: 'Gemm',
            input: ['block', 'rows'],
            output: ['scores'],
            attribute: [create(AttributeProtoSchema, { name: 'transB', type: integer, i: 1n })],
          }),
          create(NodeProtoSchema, {
            opType: 'ReduceMax',
            input: ['scores'],
            output: ['best'],
            attribute: [
              create(AttributeProtoSchema, {
                name: 'axes',
                type: AttributeProto_AttributeType.INTS,
                ints: [0n],
              }),
              create(AttributeProtoSchema, { name: 'keepdims', type: integer, i: 0n }),
            ],
          }),
        ],
        initializer: [
          create(TensorProtoSchema, {
            name: 'rows',
            dims: [BigInt(n), BigInt(dim)],
            dataType: TensorProto_DataType.FLOAT,
            rawData: new Uint8Array(rows.buffer, rows.byteOffset, 4 * n * dim),
          }),
        ],
        input: [floats('block', 'M', dim)],
        output: [floats('scores', 'M', n), floats('best', n)],
      },
    }),
  )
}

function floats(name: string, ...shape: (string | number)[]): ValueInfoProto {
  const dim = shape.map((size) =>
    typeof size === 'number'
      ? { value: { case: 'dimValue' as const, value: BigInt(size) } }
      : { value: { case: 'dimParam' as const, value: size } },
  )
  const tensorType = { elemType: TensorProto_DataType.FLOAT, shape: { dim } }
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: 'tensorType', value: tensorType } },
  })
}
