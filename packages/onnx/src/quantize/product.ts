import { floatOf, integerOf, type Rewriting } from '../edit/rewriting.js'
import type { NodeProto } from '../generated/onnx_pb.js'
import { type Affine, leastScale, quantizeBias, quantizeWeights } from './integers.js'

/**
 * A convolution, Gemm or MatMul with weights and biases of bytes: the nodes that make floats of them, and itself.
 * @param x the input as floats that were bytes
 * @param input how it was bytes
 */
export function quantizedProduct(
  graph: Rewriting,
  node: NodeProto,
  x: string,
  input: Affine,
): NodeProto[] {
  const [, weightName, biasName] = node.input as [string, string, string?]
  const weight = graph.floats(weightName)!
  const bias = graph.floats(biasName || undefined)
  const axis = channelAxis(node, weight.shape)
  const channels = weight.shape[axis]!
  const quantized = quantizeWeights(weight.data, weight.shape, axis, (c) =>
    bias ? leastScale(bias.data[c]!, input) : 0,
  )
  const weights = dequantized(
    graph,
    weightName,
    quantized.data,
    weight.shape,
    quantized.scales,
    axis,
  )
  node.input = [x, weights.output[0]!]
  if (!bias) return [weights, node]
  const { data, scales } = quantizeBias(bias.data, input, quantized.scales)
  const biases = dequantized(graph, biasName!, data, [channels], scales, 0)
  node.input.push(biases.output[0]!)
  return [weights, biases, node]
}

/** Whether a product is one of a value and constants, as `quantizedProduct` takes them. */
export function hasConstantWeights(graph: Rewriting, node: NodeProto): boolean {
  const weight = graph.floats(node.input[1])
  const bias = graph.floats(node.input[2] || undefined)
  if (!weight || (node.input[2] && !bias) || weight.shape.length < 2) return false
  const scaled = ['alpha', 'beta'].some((name) => floatOf(node, name, 1) !== 1)
  if (node.opType === 'Gemm' && (scaled || integerOf(node, 'transA', 0) !== 0)) return false
  return !bias || bias.data.length === weight.shape[channelAxis(node, weight.shape)]
}

/** Where a weight's output channels are. */
function channelAxis(node: NodeProto, shape: readonly number[]): number {
  if (node.opType === 'Conv') return 0
  if (node.opType === 'Gemm') return integerOf(node, 'transB', 0) === 1 ? 0 : 1
  return shape.length - 1
}

function dequantized(
  graph: Rewriting,
  name: string,
  data: Int8Array | Int32Array,
  shape: readonly number[],
  scales: Float32Array,
  axis: number,
): NodeProto {
  const { length } = scales
  const zeros = data instanceof Int8Array ? new Int8Array(length) : new Int32Array(length)
  return graph.node(
    'DequantizeLinear',
    [
      graph.constant(`${name}_int`, data, shape),
      graph.constant(`${name}_steps`, scales, [length]),
      graph.constant(`${name}_zeros`, zeros, [length]),
    ],
    `${name}_floats`,
    { axis: { int: axis } },
  )
}
