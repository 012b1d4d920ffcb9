import { floatOf, integerOf, type Rewriting } from '../edit/rewriting.js'
import type { NodeProto } from '../generated/onnx_pb.js'

/** What a BatchNormalization does to channel c: x * scale[c] + shift[c]. */
export interface Normalization {
  readonly scale: Float64Array
  readonly shift: Float64Array
}

/** Puts each BatchNormalization into the convolution or Gemm before it, where nothing else reads between them. */
export function foldNormalization(graph: Rewriting): void {
  for (const product of [...graph.nodes]) {
    if (!['Conv', 'Gemm'].includes(product.opType)) continue
    const after = graph.onlyReader(product.output[0]!)
    if (after?.opType !== 'BatchNormalization' || after.input[0] !== product.output[0]) continue
    const normalization = normalizationOf(graph, after)
    if (normalization && scaled(graph, product, normalization)) {
      product.output[0] = after.output[0]!
      graph.graph.node = graph.nodes.filter((one) => one !== after)
    }
  }
}

/** Undefined where its numbers are no constants, or it runs as in training. */
export function normalizationOf(graph: Rewriting, node: NodeProto): Normalization | undefined {
  const [gamma, beta, mean, variance] = node.input.slice(1).map((name) => graph.floats(name)?.data)
  if (!gamma || !beta || !mean || !variance || integerOf(node, 'training_mode', 0) !== 0)
    return undefined
  const epsilon = floatOf(node, 'epsilon', 1e-5)
  const scale = Float64Array.from(gamma, (value, c) => value / Math.sqrt(variance[c]! + epsilon))
  return { scale, shift: Float64Array.from(beta, (value, c) => value - mean[c]! * scale[c]!) }
}

/** Whether the product's weights, which nothing else may read, could be changed so. */
function scaled(graph: Rewriting, product: NodeProto, { scale, shift }: Normalization): boolean {
  const [, weightName, biasName] = product.input
  const weight = graph.floats(weightName)
  const bias = graph.floats(biasName)
  const channels = scale.length
  if (!weight || (biasName && bias?.data.length !== channels)) return false
  const isConv = product.opType === 'Conv'
  if (!isConv && [floatOf(product, 'alpha', 1), floatOf(product, 'beta', 1)].some((x) => x !== 1))
    return false
  const rows = isConv || integerOf(product, 'transB', 0) === 1
  const inner = weight.data.length / channels
  const channelOf = (i: number) => (rows ? Math.floor(i / inner) : i % channels)
  const data = weight.data.map((value, i) => value * scale[channelOf(i)]!)
  const moved = Float32Array.from(shift, (value, c) => value + (bias?.data[c] ?? 0) * scale[c]!)
  product.input = [
    product.input[0]!,
    graph.constant(`${weightName}_folded`, data, weight.shape),
    graph.constant(`${biasName || weightName}_shift`, moved, [channels]),
  ]
  return true
}
