import type { Held, ImageGraph } from './graph.js'
import { GraphNode } from './node.js'

/** Of a batch normalisation that is put back: what ONNX takes where a node names none. */
export const PUT_BACK_EPSILON = 1e-5

/** What the names of weights end in that were put back. */
export const PUT_BACK = '.norm'

/**
 * Puts a batch normalisation behind each convolution that has a bias and none behind it, as one into which it was folded
 * for use: in place of the bias, with statistics that make it add just that.
 */
export function unfold({ nodes, held, ...graph }: ImageGraph): ImageGraph {
  const all = new Map<string, Held>(held)
  const normalised = new Set(
    nodes.flatMap(({ type, inputs }) => (type === 'BatchNormalization' ? inputs.slice(0, 1) : [])),
  )
  const unfolded = nodes.flatMap((node) => {
    const [x = '', weight = '', bias = ''] = node.inputs
    const [made = ''] = node.outputs
    const shift = held.get(bias)?.values
    const part = (name: string) => `${weight}${PUT_BACK}.${name}`
    const isShared = all.has(part('weight')) // one kernel for two convolutions
    if (
      node.type !== 'Conv' ||
      !(shift instanceof Float32Array) ||
      normalised.has(made) ||
      isShared
    )
      return [node]
    const parts = {
      weight: shift.map(() => 1),
      bias: shift.map(() => 0),
      running_mean: shift.map((value) => -value),
      running_var: shift.map(() => 1 - PUT_BACK_EPSILON),
    }
    for (const [name, values] of Object.entries(parts))
      all.set(part(name), { shape: [values.length], values, initializer: true })
    const between = `${made}${PUT_BACK}`
    const { name, opset, settings } = node
    return [
      new GraphNode('Conv', name, [x, weight], [between], opset, settings),
      new GraphNode(
        'BatchNormalization',
        name,
        [between, ...Object.keys(parts).map(part)],
        [made],
        opset,
      ),
    ]
  })
  // In the order in which they are read, without the biases.
  const read = unfolded.flatMap(({ inputs }) => inputs).filter((name) => all.has(name))
  return { ...graph, nodes: unfolded, held: new Map(read.map((name) => [name, all.get(name)!])) }
}
