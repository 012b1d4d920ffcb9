import {
  type ArcfaceMetadataInput,
  encodeModel,
  formatArcfaceMetadata,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  setMetadata,
  type TensorProto,
  TensorProto_DataType,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from '@arcface/onnx'
import { create } from '@bufbuild/protobuf'

const SIZE = 112
const INPUT = 3 * SIZE * SIZE

export interface TinyModelOptions {
  readonly dim?: number
  /** The batch that the file declares. */
  readonly batch?: number | 'batch'
  /** Height and width that the file declares. */
  readonly size?: number
  /** Sub and Mul first, as in our exports: (x - 127.5) / 127.5. */
  readonly normalize?: boolean
  /** All weights; default `tinyWeight`. */
  readonly weight?: number
  /** The node that ends the graph: a vector an image, the input itself, or everything in one row. */
  readonly end?: 'gemm' | 'input' | 'one-row'
  readonly inputType?: TensorProto_DataType
  readonly secondOutput?: boolean
  readonly metadata?: ArcfaceMetadataInput
}

/** Weight from input k (NCHW order) to output d: some pattern without symmetry. */
export const tinyWeight = (k: number, d: number) => Math.fround(Math.sin(0.37 * k + 1.7 * d) / 500)

/** A network small enough to be computed by hand: one matrix product, weights `tinyWeight`. */
export function tinyModel(options: TinyModelOptions = {}): Uint8Array {
  const { dim = 4, batch = 'batch', size = SIZE, normalize = false, weight, end = 'gemm' } = options
  const weights = Float32Array.from(
    { length: INPUT * dim },
    (_, i) => weight ?? tinyWeight(Math.floor(i / dim), i % dim),
  )
  const initializer: TensorProto[] = []
  const node: NodeProto[] = []
  let x = 'x'
  const append = (opType: string, ...others: string[]) => {
    const name = `${opType}_${node.length}`
    node.push(create(NodeProtoSchema, { name, opType, input: [x, ...others], output: [name] }))
    x = name
  }
  if (normalize) {
    initializer.push(floats('mean', [1], Float32Array.of(127.5)))
    initializer.push(floats('inverse', [1], Float32Array.of(1 / 127.5)))
    append('Sub', 'mean')
    append('Mul', 'inverse')
  }
  if (end === 'input') append('Identity')
  else {
    append('Flatten')
    initializer.push(floats('w', [INPUT, dim], weights))
    append('Gemm', 'w')
    if (end === 'one-row') {
      const shape = BigInt64Array.of(1n, -1n)
      initializer.push(tensor('shape', [2], TensorProto_DataType.INT64, shape))
      append('Reshape', 'shape')
    }
  }
  const output = [value(x, TensorProto_DataType.FLOAT)]
  if (options.secondOutput) {
    append('Identity')
    output.push(value(x, TensorProto_DataType.FLOAT))
  }
  const inputType = options.inputType ?? TensorProto_DataType.FLOAT
  const model = create(ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [{ version: 17n }],
    graph: {
      name: 'tiny',
      node,
      initializer,
      input: [value('x', inputType, [batch, 3, size, size])],
      output,
    },
  })
  if (options.metadata) setMetadata(model, formatArcfaceMetadata(options.metadata))
  return encodeModel(model)
}

function tensor(
  name: string,
  dims: number[],
  dataType: TensorProto_DataType,
  data: Float32Array | BigInt64Array,
): TensorProto {
  const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  return create(TensorProtoSchema, { name, dims: dims.map(BigInt), dataType, rawData })
}

const floats = (name: string, dims: number[], data: Float32Array) =>
  tensor(name, dims, TensorProto_DataType.FLOAT, data)

function value(
  name: string,
  elemType: TensorProto_DataType,
  shape?: readonly (number | string)[],
): ValueInfoProto {
  const dim = shape?.map((size) =>
    typeof size === 'number'
      ? { value: { case: 'dimValue' as const, value: BigInt(size) } }
      : { value: { case: 'dimParam' as const, value: size } },
  )
  const tensorType = { elemType, ...(dim && { shape: { dim } }) }
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: 'tensorType', value: tensorType } },
  })
}
