import { type ImageGraph, type Read, readsOf } from './graph.js'
import { Depth, type GraphNode } from './node.js'

/** What becomes of numbers that a file holds: trained, saved with the network but not trained, or fixed. */
export type Role = 'parameter' | 'buffer' | 'constant'

/** The inputs of layers that are their weights, wherever the file holds them. */
const layers: ReadonlyMap<string, readonly number[]> = new Map([
  ['Conv', [1, 2]],
  ['ConvTranspose', [1, 2]],
  ['Gemm', [0, 1, 2]],
  ['MatMul', [0, 1]],
  ['PRelu', [1]],
  ['BatchNormalization', [1, 2]],
  ['InstanceNormalization', [1, 2]],
  ['LayerNormalization', [1, 2]],
])

/** Running mean and variance. */
const statistics: ReadonlyMap<string, readonly number[]> = new Map([['BatchNormalization', [3, 4]]])

/** Operators that join features with what may be a weight: a bias, a scale, a class token, the embedding of a position. */
const joins = new Set(['Add', 'Sub', 'Mul', 'Div', 'Concat', 'Sum'])

type Use = 'layer' | 'statistics' | 'joined'

/**
 * Decides what trains, as far as a graph shows it. Sets each node's depth.
 *
 * - Weights of layers are parameters, running means and variances buffers.
 * - What is joined with features (an Add behind a MatMul) is a parameter if it is an initialiser of more than one number:
 *   a single number (an epsilon, the 0.5 of a GELU) and what a node `Constant` holds are part of the formula.
 * - What is joined with pixels before the first layer is their normalisation, a constant.
 * - Weights that reach one of these through others (a Transpose, a Cast) are what they reach.
 * - Integers, and all else, are constants.
 */
export function rolesOf(graph: ImageGraph): Map<string, Role> {
  const joining = measureDepths(graph)
  const reads = readsOf(graph)
  const ofResults = new Map<GraphNode, ReadonlySet<Use>>() // of nodes that no pixel reaches
  const useAt = ({ node, slot }: Read): Iterable<Use> => {
    if (node.depth < Depth.pixels) return ofResults.get(node) ?? []
    if (layers.get(node.type)?.includes(slot)) return ['layer']
    if (statistics.get(node.type)?.includes(slot)) return ['statistics']
    return joining.has(node) ? ['joined'] : []
  }
  const usesOf = (names: readonly string[]) => {
    const uses = new Set<Use>()
    for (const name of names)
      for (const read of reads.get(name) ?? []) for (const use of useAt(read)) uses.add(use)
    return uses
  }
  for (const node of [...graph.nodes].reverse())
    if (node.depth < Depth.pixels) ofResults.set(node, usesOf(node.outputs))

  return new Map(
    Array.from(graph.held, ([name, { values, initializer }]) => {
      const uses = usesOf([name])
      const joined = uses.has('joined') && initializer && values.length > 1
      const float = values instanceof Float32Array
      if (float && (uses.has('layer') || joined)) return [name, 'parameter']
      return [name, float && uses.has('statistics') ? 'buffer' : 'constant']
    }),
  )
}

/** Sets each node's depth; returns those that join something with features. */
function measureDepths({ input, nodes }: ImageGraph): ReadonlySet<GraphNode> {
  const depths = new Map<string, Depth>([[input, Depth.pixels]])
  const joining = new Set<GraphNode>()
  for (const node of nodes) {
    let deepest = Depth.constant
    for (const name of node.inputs) deepest = Math.max(deepest, depths.get(name) ?? deepest)
    if (deepest === Depth.features && joins.has(node.type)) joining.add(node)
    node.depth = deepest
    if (node.type === 'Shape') node.depth = Math.min(deepest, Depth.shape)
    else if (deepest === Depth.pixels && layers.has(node.type)) node.depth = Depth.features
    for (const name of node.outputs) depths.set(name, node.depth)
  }
  return joining
}
