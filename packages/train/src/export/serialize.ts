import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataType as DataType,
  type ModelProto,
  ModelProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from '@arcface/onnx'
import { create } from '@bufbuild/protobuf'
import { TrainError } from '../errors.js'
import type { Attribute, Constant, Graph, Value } from './graph.js'

/** ONNX 1.12 (2022): what the converters write is valid from here on. */
const OPERATOR_SET = 17n
const IR_VERSION = 8n

/** Protocol buffers hold less than 2 GiB; 1 MiB is left for everything that is not a weight. */
const LARGEST = 2 ** 31 - 2 ** 20

/**
 * The graph as an ONNX model.
 * @param size side of the images, `dim` length of the embedding
 * @throws TrainError TRAIN_EXPORT for weights of 2 GiB or more, and for weights that are not finite
 */
export function serialize(
  graph: Graph,
  output: Value,
  { size, dim, outputName }: { size: number; dim: number; outputName: string },
): ModelProto {
  const constants = constantsOf(graph)
  checkSize(constants)
  const nameOf = (value: Value | null) => (value === output ? outputName : (value?.name ?? ''))
  return create(ModelProtoSchema, {
    irVersion: IR_VERSION,
    producerName: 'arcface',
    opsetImport: [{ domain: '', version: OPERATOR_SET }],
    graph: {
      name: 'arcface',
      // InsightFace reads the names, not the types: Sub_0 and Mul_1 say that the graph normalises.
      node: graph.nodes.map(({ type, inputs, attributes, output }, index) => ({
        name: `${type}_${index}`,
        opType: type,
        input: present(inputs).map(nameOf),
        output: [nameOf(output)],
        attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
      })),
      input: [describe(graph.input.name, [3, size, size])],
      output: [describe(outputName, [dim])],
      initializer: constants.map(([name, constant]) => initializer(name, constant)),
    },
  })
}

/** Without what is left out at the end: an empty name says the same, but quantisers look for a tensor of that name. */
function present(inputs: readonly (Value | null)[]): readonly (Value | null)[] {
  return inputs.slice(0, inputs.findLastIndex((value) => value !== null) + 1)
}

/** The constants that nodes read, each once. */
export function constantsOf(graph: Graph): [string, Constant][] {
  const found = new Map<string, Constant>()
  for (const { inputs } of graph.nodes)
    for (const value of inputs) if (value?.constant) found.set(value.name, value.constant)
  return [...found]
}

const countOf = ({ shape }: Constant): number => shape.reduce((product, side) => product * side, 1)

function checkSize(constants: [string, Constant][]): void {
  const bytes = constants.reduce(
    (sum, [, constant]) => sum + countOf(constant) * (constant.type === 'int64' ? 8 : 4),
    0,
  )
  if (bytes > LARGEST)
    throw new TrainError(
      'TRAIN_EXPORT',
      `the weights take ${(bytes / 2 ** 30).toFixed(1)} GiB as float32; an ONNX file holds less than 2 GiB. Use a smaller backbone or embedding.`,
    )
}

function initializer(name: string, { type, shape, data }: Constant): TensorProto {
  const values = data()
  if (values instanceof Float32Array && !values.every(Number.isFinite))
    throw new TrainError(
      'TRAIN_EXPORT',
      `${name} holds NaN or infinite values: the training diverged. Export an earlier checkpoint.`,
    )
  return create(TensorProtoSchema, {
    name,
    dataType: type === 'int64' ? DataType.INT64 : DataType.FLOAT,
    dims: shape.map(BigInt),
    rawData: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  })
}

function attribute(name: string, value: Attribute): AttributeProto {
  if ('int' in value)
    return create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(value.int) })
  if ('float' in value)
    return create(AttributeProtoSchema, { name, type: AttributeType.FLOAT, f: value.float })
  const ints = value.ints.map(BigInt)
  return create(AttributeProtoSchema, { name, type: AttributeType.INTS, ints })
}

/** A float32 value of any batch. */
function describe(name: string, sides: readonly number[]): ValueInfoProto {
  const dim = [
    { value: { case: 'dimParam' as const, value: 'batch' } },
    ...sides.map((side) => ({ value: { case: 'dimValue' as const, value: BigInt(side) } })),
  ]
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: 'tensorType', value: { elemType: DataType.FLOAT, shape: { dim } } } },
  })
}
