import { GraphBuilder, type ModelProto, TensorProto_DataType } from '@arcface/onnx'
import { TrainError } from '../errors.js'
import { countOf } from '../sides.js'
import type { Constant, Graph, Value } from './graph.js'

const { FLOAT } = TensorProto_DataType

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
  const file = new GraphBuilder('arcface', { producer: 'arcface' })
  file.input(graph.input.name, FLOAT, ['batch', 3, size, size])
  file.output(outputName, FLOAT, ['batch', dim])
  // InsightFace reads the nodes' names, not their types: Sub_0 and Mul_1 say that the graph normalises.
  for (const { type, inputs, attributes, output } of graph.nodes)
    file.add(type, present(inputs).map(nameOf), attributes, { output: nameOf(output) })
  for (const [name, constant] of constants)
    file.constant(finite(name, constant), constant.shape, name)
  const model = file.model()
  // An empty name says what none says; it stays, so that a network gives the same file as ever.
  for (const operators of model.opsetImport) operators.domain = ''
  return model
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

function checkSize(constants: [string, Constant][]): void {
  const bytes = constants.reduce(
    (sum, [, constant]) => sum + countOf(constant.shape) * (constant.type === 'int64' ? 8 : 4),
    0,
  )
  if (bytes > LARGEST)
    throw new TrainError(
      'TRAIN_EXPORT',
      `the weights take ${(bytes / 2 ** 30).toFixed(1)} GiB as float32; an ONNX file holds less than 2 GiB. Use a smaller backbone or embedding.`,
    )
}

function finite(name: string, { data }: Constant): Float32Array | BigInt64Array {
  const values = data()
  if (values instanceof Float32Array && !values.every(Number.isFinite))
    throw new TrainError(
      'TRAIN_EXPORT',
      `${name} holds NaN or infinite values: the training diverged. Export an earlier checkpoint.`,
    )
  return values
}
