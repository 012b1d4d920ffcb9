import { attributeOf, type Rewriting } from '../edit/rewriting.js'
import { OnnxError } from '../errors.js'
import type { NodeProto } from '../generated/onnx_pb.js'

/** The first operator set that quantises by channel. */
export const OPSET = 13
/** The first whose arithmetic broadcasts as today's does. */
const OLDEST = 7

/** Operators that mean the same in each set from `OLDEST` to `OPSET`. */
const UNCHANGED = new Set([
  ...['Abs', 'Add', 'AveragePool', 'BatchNormalization', 'Cast', 'Concat', 'Constant', 'Conv'],
  ...['ConvTranspose', 'Div', 'Elu', 'Erf', 'Exp', 'Flatten', 'Gather', 'Gemm', 'Identity'],
  ...['GlobalAveragePool', 'GlobalMaxPool', 'HardSigmoid', 'InstanceNormalization', 'LeakyRelu'],
  ...['Log', 'LpNormalization', 'MatMul', 'Max', 'MaxPool', 'Min', 'Mul', 'Neg', 'Pow', 'PRelu'],
  ...['Reciprocal', 'ReduceL2', 'ReduceMax', 'ReduceMean', 'Relu', 'Reshape', 'Shape', 'Sigmoid'],
  ...['Softplus', 'Sqrt', 'Sub', 'Tanh', 'Transpose'],
])

/** Attributes that became inputs, in their order. */
const LISTS: Readonly<Record<string, string>> = {
  Squeeze: 'axes',
  Unsqueeze: 'axes',
  ReduceSum: 'axes',
  Pad: 'pads',
}

/**
 * Raises the version of ONNX's own operators to 13 where it is older.
 * @throws OnnxError ONNX_PRECISION where an operator changed its meaning
 */
export function raiseOpset(graph: Rewriting, name: string): void {
  const { model } = graph
  const own = model.opsetImport.find(({ domain }) => domain === '' || domain === 'ai.onnx')
  const version = Number(own?.version ?? 1n)
  if (own === undefined || version >= OPSET) return
  for (const node of graph.nodes) raise(graph, node, version, name)
  own.version = BigInt(OPSET)
  if (model.irVersion < 8n) model.irVersion = 8n
}

function raise(graph: Rewriting, node: NodeProto, version: number, name: string): void {
  const { opType } = node
  if (version >= OLDEST && UNCHANGED.has(opType)) return
  const list = LISTS[opType]
  if (version >= OLDEST && opType === 'Clip') clip(graph, node, version)
  else if (version >= OLDEST && opType === 'Dropout') node.attribute = []
  else if (version >= OLDEST && list !== undefined) listed(graph, node, list)
  else
    throw new OnnxError(
      'ONNX_PRECISION',
      `${name}: its operator ${opType} is of ONNX's operator set ${version}, and cannot be raised to ${OPSET}`,
      { hint: `Export the model again with operator set ${OPSET} or newer.` },
    )
}

/** Until set 11 the bounds were attributes. */
function clip(graph: Rewriting, node: NodeProto, version: number): void {
  if (version >= 11) return
  const bounds = ['min', 'max'].map((key) => {
    const bound = attributeOf(node, key)?.f
    return bound === undefined
      ? ''
      : graph.constant(`${node.output[0]}_${key}`, Float32Array.of(bound), [])
  })
  node.input.push(...bounds)
  node.attribute = []
}

function listed(graph: Rewriting, node: NodeProto, key: string): void {
  const found = attributeOf(node, key)
  if (found === undefined) return
  const { ints } = found
  node.input.push(
    graph.constant(`${node.output[0]}_${key}`, BigInt64Array.from(ints), [ints.length]),
  )
  const value = attributeOf(node, 'value')
  if (value)
    node.input.push(graph.constant(`${node.output[0]}_value`, Float32Array.of(value.f), []))
  node.attribute = node.attribute.filter((one) => one !== found && one !== value)
}
