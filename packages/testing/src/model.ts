import {
  type ArcfaceMetadataInput,
  formatArcfaceMetadata,
  GraphBuilder,
  type ModelProto,
  type TensorProto,
  TensorProto_DataLocation,
  TensorProto_DataType,
} from '@arcface/onnx'

const { FLOAT } = TensorProto_DataType
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
  /** What ends the graph: a vector an image, that of length 1, the input itself, or everything in one row. */
  readonly end?: 'gemm' | 'unit' | 'input' | 'one-row'
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
  const { inputType = FLOAT, secondOutput = false, metadata } = options
  const graph = new GraphBuilder('tiny', metadata && { metadata: formatArcfaceMetadata(metadata) })
  let x = graph.input('x', inputType, [batch, 3, size, size])
  const append = (type: string, ...others: string[]) => {
    x = graph.add(type, [x, ...others])
  }
  if (normalize) {
    append('Sub', graph.constant(Float32Array.of(127.5), [1], 'mean'))
    append('Mul', graph.constant(Float32Array.of(1 / 127.5), [1], 'inverse'))
  }
  if (end === 'input') append('Identity')
  else {
    append('Flatten')
    append('Gemm', graph.constant(weights, [INPUT, dim], 'w'))
    if (end === 'unit') {
      const axis = graph.constant(BigInt64Array.of(1n), [1], 'axis')
      append('Div', graph.add('Sqrt', [graph.add('ReduceSum', [graph.add('Mul', [x, x]), axis])]))
    }
    if (end === 'one-row')
      append('Reshape', graph.constant(BigInt64Array.of(1n, -1n), [2], 'shape'))
  }
  graph.output(x, FLOAT)
  if (secondOutput) {
    append('Identity')
    graph.output(x, FLOAT)
  }
  return graph.encode()
}

/** A model that keeps its weights in files beside it. */
export function externalModel(...locations: string[]): ModelProto {
  const graph = new GraphBuilder('external')
  graph.output('y', FLOAT)
  for (const location of locations) graph.constant(new Float32Array(0), [0], location)
  const model = graph.model()
  for (const weights of model.graph!.initializer) keepBeside(weights, weights.name)
  return model
}

/** Says of weights that they lie in a file beside the model; returns what has to be written there. */
export function keepBeside(weights: TensorProto, location: string): Uint8Array {
  const { rawData } = weights
  weights.rawData = new Uint8Array(0)
  weights.dataLocation = TensorProto_DataLocation.EXTERNAL
  weights.externalData = [
    { $typeName: 'onnx.StringStringEntryProto', key: 'location', value: location },
  ]
  return rawData
}
