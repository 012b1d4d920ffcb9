import type { GraphBuilder } from '@arcface/onnx'

export const reshape = (graph: GraphBuilder, input: string, ...shape: number[]): string =>
  graph.add('Reshape', [input, graph.integers(shape)])

/** The largest along an axis, which is gone afterwards. */
export function largest(
  graph: GraphBuilder,
  input: string,
  axis: number,
  names: { readonly output?: string } = {},
): string {
  const attributes = { axes: { ints: [axis] }, keepdims: { int: 0 } }
  return graph.add('ReduceMax', [input], attributes, names)
}
