import { imagesIn } from '../edit/images.js'
import { replacePRelu } from '../edit/prelu.js'
import { Rewriting } from '../edit/rewriting.js'
import type { ModelProto, NodeProto } from '../generated/onnx_pb.js'
import { normalizationOf } from './fold.js'
import { plainModel } from './plain.js'

/**
 * A copy of a float32 model, still float32, of operators that ONNX Runtime has for bytes too: what `quantizeInt8` takes
 * once it is known which values flow between them.
 *
 * PRelu, which has none, becomes max(x, 0) + a min(x, 0): two bounds, a convolution of each channel by itself with the
 * slope as its weight, a sum. A BatchNormalization that no product could take becomes such a convolution as well.
 *
 * @throws as `plainModel`
 */
export function prepareInt8(model: ModelProto, name: string): ModelProto {
  const graph = new Rewriting(plainModel(model, name))
  const images = imagesIn(graph)
  graph.graph.node = graph.nodes.flatMap((node) => {
    if (node.opType === 'PRelu') return replacePRelu(graph, node, asBounds)
    const isImage = images.has(node.input[0] ?? '')
    return node.opType === 'BatchNormalization' && isImage ? asConvolution(graph, node) : [node]
  })
  return graph.finish()
}

function asBounds(graph: Rewriting, x: string, slope: Float32Array, y: string): NodeProto[] {
  const zero = graph.constant(`${y}_zero`, Float32Array.of(0), [])
  const positive = graph.node('Clip', [x, zero], `${y}_positive`)
  const negative = graph.node('Clip', [x, '', zero], `${y}_negative`)
  const scaled = byChannel(graph, negative.output[0]!, slope, undefined, `${y}_scaled`)
  const sum = graph.node('Add', [positive.output[0]!, scaled.output[0]!], y)
  sum.output = [y]
  return [positive, negative, scaled, sum]
}

function asConvolution(graph: Rewriting, node: NodeProto): NodeProto[] {
  const normalization = normalizationOf(graph, node)
  if (!normalization) return [node]
  const [y] = node.output as [string]
  const { scale, shift } = normalization
  const conv = byChannel(graph, node.input[0]!, scale, shift, y)
  conv.output = [y]
  return [conv]
}

/** x * scale[c] + shift[c] for images. */
function byChannel(
  graph: Rewriting,
  x: string,
  scale: ArrayLike<number>,
  shift: ArrayLike<number> | undefined,
  wanted: string,
): NodeProto {
  const channels = scale.length
  const inputs = [
    x,
    graph.constant(`${wanted}_scale`, Float32Array.from(scale), [channels, 1, 1, 1]),
  ]
  if (shift) inputs.push(graph.constant(`${wanted}_shift`, Float32Array.from(shift), [channels]))
  return graph.node('Conv', inputs, wanted, {
    kernel_shape: { ints: [1, 1] },
    group: { int: channels },
  })
}
