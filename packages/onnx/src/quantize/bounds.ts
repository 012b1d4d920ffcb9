import type { Rewriting } from '../edit/rewriting.js'
import type { NodeProto } from '../generated/onnx_pb.js'
import type { Range } from './integers.js'

/** A bound of 0 below, and perhaps one above: what bytes that begin with 0 keep by themselves. */
export function boundsOf(graph: Rewriting, node: NodeProto): Range | undefined {
  if (!['Clip', 'Relu'].includes(node.opType)) return undefined
  const { min, max } = clipOf(graph, node)
  return min === 0 && max > 0 ? { min, max } : undefined
}

/** The bounds of a Clip or Relu. */
export function clipOf(graph: Rewriting, { opType, input: [, min, max] }: NodeProto): Range {
  if (opType === 'Relu') return { min: 0, max: Number.POSITIVE_INFINITY }
  return {
    min: graph.floats(min)?.data[0] ?? Number.NEGATIVE_INFINITY,
    max: graph.floats(max)?.data[0] ?? Number.POSITIVE_INFINITY,
  }
}
