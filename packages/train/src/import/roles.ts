import type { ImageGraph } from './graph.js'
import { Depth, type GraphNode } from './node.js'

/** What becomes of numbers that a file holds: trained, saved with the network but not trained, or fixed. */
export type Role = 'parameter' | 'buffer' | 'constant'

/** The inputs of layers that are their weights, wherever the file holds them. */
const layers: Readonly<Record<string, readonly number[]>> = {
  Conv: [1, 2],
  ConvTranspose: [1, 2],
  Gemm: [0, 1, 2],
  MatMul: [0, 1],
  PRelu: [1],
  BatchNormalization: [1, 2],
  InstanceNormalization: [1, 2],
  LayerNormalization: [1, 2],
}

/** Running mean and variance. */
const statistics: Readonly<Record<string, readonly number[]>> = { BatchNormalization: [3, 4] }

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
export function rolesOf({ input, nodes, held }: ImageGraph): Map<string, Role> {
  const depths = new Map<string, Depth>([[input, Depth.pixels]])
  const depthOf = (name: string) => depths.get(name) ?? Depth.constant
  const readers = new Map<string, [GraphNode, number][]>()
  for (const node of nodes) {
    const deepest = Math.max(...node.inputs.map(depthOf), Depth.constant)
    node.depth =
      node.type === 'Shape' || node.type === 'Size'
        ? Math.min(deepest, Depth.shape)
        : deepest === Depth.pixels && node.type in layers
          ? Depth.features
          : deepest
    for (const name of node.outputs) depths.set(name, node.depth)
    node.inputs.forEach((name, slot) => {
      const known = readers.get(name)
      if (known) known.push([node, slot])
      else readers.set(name, [[node, slot]])
    })
  }

  const found = new Map<string, ReadonlySet<Use>>()
  const usesOf = (name: string): ReadonlySet<Use> => found.get(name) ?? new Set()
  const useOf = ([node, slot]: [GraphNode, number]): Iterable<Use> => {
    if (node.depth < Depth.pixels) return node.outputs.flatMap((name) => [...usesOf(name)])
    if (layers[node.type]?.includes(slot)) return ['layer']
    if (statistics[node.type]?.includes(slot)) return ['statistics']
    const features = node.inputs.some((name) => depthOf(name) === Depth.features)
    return joins.has(node.type) && features ? ['joined'] : []
  }
  const collect = (name: string) =>
    found.set(name, new Set((readers.get(name) ?? []).flatMap((reader) => [...useOf(reader)])))
  for (const node of [...nodes].reverse())
    if (node.depth < Depth.pixels) for (const name of node.outputs) collect(name)

  return new Map(
    [...held].map(([name, { values, initializer }]) => {
      const uses = collect(name).get(name) as ReadonlySet<Use>
      const joined = uses.has('joined') && initializer && values.length > 1
      const float = values instanceof Float32Array
      if (float && (uses.has('layer') || joined)) return [name, 'parameter']
      return [name, float && uses.has('statistics') ? 'buffer' : 'constant']
    }),
  )
}
