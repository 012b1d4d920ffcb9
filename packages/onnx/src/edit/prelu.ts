import { node as createNode } from '../build/parts.js'
import type { ModelProto, NodeProto } from '../generated/onnx_pb.js'
import { externalFiles } from '../model/external.js'
import { encodeModel } from '../model/model.js'
import { imagesIn } from './images.js'
import { Rewriting } from './rewriting.js'

/** The first operator set whose BatchNormalization takes these inputs. */
const OLDEST = 7

/**
 * The bytes of a model whose PRelus on images are made of operators that ONNX Runtime runs in its blocked layout on x64:
 * max(x, 0) - a max(-x, 0), where a product with a number a channel is a BatchNormalization. Its own PRelu is not
 * vectorised there, and every one turns the image into rows and back. What a PRelu gives stays the same to the last
 * bit, since one of the two terms is always zero. Undefined where there is nothing to change.
 *
 * @param model changed
 * @param name what errors call it
 */
export function withoutPRelu(model: ModelProto, name: string): Uint8Array | undefined {
  const hasOne = model.graph?.node.some(({ opType }) => opType === 'PRelu')
  if (!hasOne || opset(model) < OLDEST || hasInnerGraphs(model)) return undefined
  // Such a model is opened as a file: its weights lie beside it.
  if (externalFiles(model, name).length > 0) return undefined
  const graph = new Rewriting(model)
  const images = imagesIn(graph)
  graph.graph.node = graph.nodes.flatMap((node) =>
    node.opType === 'PRelu' && images.has(node.input[0]!)
      ? replacePRelu(graph, node, asSum)
      : [node],
  )
  return encodeModel(graph.finish())
}

const opset = ({ opsetImport }: ModelProto) =>
  Number(opsetImport.find(({ domain }) => domain === '' || domain === 'ai.onnx')?.version ?? 1n)

/** Of branches and loops, which read values of the graph about them. */
const hasInnerGraphs = ({ graph }: ModelProto) =>
  graph!.node.some(({ attribute }) => attribute.some(({ g, graphs }) => g || graphs.length > 0))

/**
 * What stands for a PRelu: with one slope for all a LeakyRelu, with one a channel what `sum` makes of it; else itself.
 * @param sum nodes from `x` [N, C, H, W] to `y`, the last of which gives it
 */
export function replacePRelu(
  graph: Rewriting,
  node: NodeProto,
  sum: (graph: Rewriting, x: string, slope: Float32Array, y: string) => NodeProto[],
): NodeProto[] {
  const [x, slopeName] = node.input as [string, string]
  const [y] = node.output as [string]
  const slope = graph.floats(slopeName)
  const isPerChannel = slope?.shape.slice(-2).every((side) => side === 1)
  if (slope?.data.length === 1)
    return [createNode('LeakyRelu', [x], y, { alpha: { float: slope.data[0]! } })]
  return slope && slope.shape.length >= 3 && isPerChannel ? sum(graph, x, slope.data, y) : [node]
}

function asSum(graph: Rewriting, x: string, slope: Float32Array, y: string): NodeProto[] {
  const constant = (value: number) =>
    graph.constant(`${y}_${value}`, new Float32Array(slope.length).fill(value), [slope.length])
  const [zeros, ones] = [constant(0), constant(1)]
  const scaled = (from: string, scale: string, wanted: string) =>
    graph.node('BatchNormalization', [from, scale, zeros, zeros, ones], `${y}_${wanted}`, {
      epsilon: { float: 0 },
    })
  const minusSlope = graph.constant(
    `${y}_slope`,
    slope.map((a) => -a),
    [slope.length],
  )
  const positive = graph.node('Relu', [x], `${y}_positive`)
  const negated = scaled(x, constant(-1), 'negated')
  const negative = graph.node('Relu', negated.output, `${y}_negative`)
  const rest = scaled(negative.output[0]!, minusSlope, 'rest')
  const sum = createNode('Add', [rest.output[0]!, positive.output[0]!], y)
  return [positive, negated, negative, rest, sum]
}
