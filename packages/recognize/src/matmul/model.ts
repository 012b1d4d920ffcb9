import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  encodeModel,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from '@arcface/data/onnx'
import { create } from '@bufbuild/protobuf'

/**
 * An ONNX model that multiplies `block` (M x dim) with the transpose of each panel p (n x dim) to
 * `scores_p` (M x n), and gives in `best_p` (M / group x n) the largest of each group of rows. Gemm
 * rather than MatMul, because it takes rows as they lie in memory; the panels stand in the model,
 * because ONNX Runtime packs constants once and for all; the groups are a middle dimension of its
 * own, because over that one the maximum is vectorised and threaded.
 */
export function productModel(
  panels: readonly Float32Array[],
  dim: number,
  group: number,
): Uint8Array {
  const sizes = panels.map((rows) => rows.length / dim)
  return encodeModel(
    create(ModelProtoSchema, {
      irVersion: 8n,
      opsetImport: [{ version: 17n }],
      graph: {
        name: 'product',
        node: panels.flatMap((_, p) => panelNodes(p)),
        initializer: panels.flatMap((rows, p) => [
          create(TensorProtoSchema, {
            name: `panel_${p}`,
            dims: [sizes[p]!, dim].map(BigInt),
            dataType: TensorProto_DataType.FLOAT,
            rawData: new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength),
          }),
          create(TensorProtoSchema, {
            name: `shape_${p}`,
            dims: [3n],
            dataType: TensorProto_DataType.INT64,
            int64Data: [-1, group, sizes[p]!].map(BigInt),
          }),
        ]),
        input: [floats('block', 'M', dim)],
        output: sizes.flatMap((n, p) => [
          floats(`scores_${p}`, 'M', n),
          floats(`best_${p}`, 'G', n),
        ]),
      },
    }),
  )
}

function panelNodes(p: number): NodeProto[] {
  const node = (
    opType: string,
    input: string[],
    output: string,
    integers: Record<string, bigint | bigint[]> = {},
  ) => {
    const attribute = Object.entries(integers).map(([name, value]) =>
      Array.isArray(value)
        ? create(AttributeProtoSchema, {
            name,
            type: AttributeProto_AttributeType.INTS,
            ints: value,
          })
        : create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INT, i: value }),
    )
    return create(NodeProtoSchema, { opType, input, output: [output], attribute })
  }
  return [
    node('Gemm', ['block', `panel_${p}`], `scores_${p}`, { transB: 1n }),
    node('Reshape', [`scores_${p}`, `shape_${p}`], `groups_${p}`),
    node('ReduceMax', [`groups_${p}`], `best_${p}`, { axes: [1n], keepdims: 0n }),
  ]
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
