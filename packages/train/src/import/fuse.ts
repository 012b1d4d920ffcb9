import { type ImageGraph, readsOf } from './graph.js'
import { FollowedNorm, type GraphNode } from './node.js'

const activations = new Set(['PRelu', 'LeakyRelu', 'Relu'])
const sums = new Set(['Add'])

/**
 * Joins each batch normalisation with the activation and the sum behind it where nothing else reads what lies between:
 * it does all three in one pass over the memory.
 */
export function fuse(graph: ImageGraph): ImageGraph {
  const reads = readsOf(graph)
  /** The node that alone reads what another makes, if it is of one of some types. */
  const next = ({ outputs: [made = ''] }: GraphNode, types: ReadonlySet<string>) => {
    const [read, ...others] = reads.get(made) ?? []
    const only = others.length === 0 && made !== graph.output
    return read && only && types.has(read.node.type) ? read.node : undefined
  }
  const gone = new Set<GraphNode>()
  const joined = new Map<GraphNode, GraphNode>()
  for (const norm of graph.nodes) {
    if (norm.type !== 'BatchNormalization') continue
    const activation = next(norm, activations)
    const found = next(activation ?? norm, sums)
    const sum = found && gone.has(found) ? undefined : found // two normalisations meet in one sum
    const last = sum ?? activation
    if (!last || activation?.inputs[1] === norm.outputs[0]) continue
    for (const part of [norm, activation, sum]) if (part) gone.add(part)
    joined.set(last, new FollowedNorm(norm, activation, sum))
  }
  const nodes = graph.nodes.flatMap((node) => joined.get(node) ?? (gone.has(node) ? [] : [node]))
  return { ...graph, nodes }
}
