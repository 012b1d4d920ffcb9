import { type GraphBuilder, TensorProto_DataType } from '@arcface/onnx'
import { LARGEST_BYTE, quantizeRows, roundingOf } from '@arcface/vision'
import { columnsOf, ZERO } from './columns.js'
import { largest, reshape } from './nodes.js'

const { FLOAT, UINT8 } = TensorProto_DataType

/**
 * A block in bytes, group by group. With x = s q + r for a row of it and y = t u + e for one of a panel,
 * q and u whole numbers, x . y = s t (q . u) + r . y + s q . e, and since |y| = 1 and |s q| <= 1 + |r|,
 * that is at most s t (q . u) + |r| + (1 + |r|) |e| (Cauchy and Schwarz).
 */
export interface QuantizedBlock {
  readonly group: number
  /** q + 128: M x dim. */
  readonly bytes: string
  /** s, and the largest |r| of the group: G x 1. */
  readonly step: string
  readonly lost: string
}

export function quantizeBlock(graph: GraphBuilder, dim: number, group: number): QuantizedBlock {
  const x = reshape(graph, 'block', -1, group * dim)
  const peak = graph.add('ReduceMax', [graph.add('Abs', [x])], { axes: { ints: [1] } })
  // A group of zeros, which a block that is not full may have, must not divide by zero.
  const least = graph.number(1e-30)
  const step = graph.add('Mul', [graph.add('Max', [peak, least]), graph.number(1 / LARGEST_BYTE)])
  const q = graph.add('Round', [graph.add('Div', [x, step])])
  const bytes = graph.add('Cast', [graph.add('Add', [q, graph.number(ZERO)])], {
    to: { int: UINT8 },
  })
  const r = graph.add('Sub', [x, graph.add('Mul', [q, step])])
  const squares = graph.add('ReduceSumSquare', [reshape(graph, r, -1, group, dim)], {
    axes: { ints: [2] },
    keepdims: { int: 0 },
  })
  const lost = graph.add('Sqrt', [graph.add('ReduceMax', [squares], { axes: { ints: [1] } })])
  return { group, bytes: reshape(graph, bytes, -1, dim), step, lost }
}

/**
 * Bounds of the products, also of those computed in float32, with the rows of a panel (n x dim): the
 * largest of each group, G x n.
 */
export function boundProducts(
  graph: GraphBuilder,
  { group, bytes, step, lost }: QuantizedBlock,
  rows: Float32Array,
  dim: number,
): string {
  const n = rows.length / dim
  const panel = columnsOf([quantizeRows(rows, dim)])
  const products = graph.add('MatMulInteger', [
    bytes,
    graph.constant(panel.columns, [dim, n]),
    graph.constant(Uint8Array.of(ZERO), []),
  ])
  const best = largest(graph, reshape(graph, products, -1, group, n), 1)
  const steps = graph.constant(panel.steps, [n])
  const score = graph.add('Mul', [
    graph.add('Mul', [graph.add('Cast', [best], { to: { int: FLOAT } }), steps]),
    step,
  ])
  // |r| + (1 + |r|) |e| = |r| (1 + |e|) + |e|.
  const factor = graph.constant(
    panel.lost.map((e) => 1 + e),
    [n],
  )
  const rest = graph.constant(
    panel.lost.map((e) => e + roundingOf(dim)),
    [n],
  )
  return graph.add('Add', [score, graph.add('Add', [graph.add('Mul', [lost, factor]), rest])])
}
