import { type GraphBuilder, TensorProto_DataType } from '@arcface/onnx'
import { largest, reshape } from './nodes.js'

const { FLOAT, UINT8 } = TensorProto_DataType

/** Zero of the bytes that stand for a block. */
const ZERO = 128
/** Largest of the signed bytes: -128 stays out, so that both signs are alike. */
const LARGEST = 127
/** More than what float32 rounds away from a bound of some 1. */
const ROUNDING = 1e-5

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
  const step = graph.add('Mul', [graph.add('Max', [peak, least]), graph.number(1 / LARGEST)])
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
  const panel = quantizePanel(rows, dim)
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
  // |r| + (1 + |r|) |e| = |r| (1 + |e|) + |e|; a sum of dim products in float32 is off by dim x 2^-24.
  const factor = graph.constant(
    panel.lost.map((e) => 1 + e),
    [n],
  )
  const rest = graph.constant(
    panel.lost.map((e) => e + dim * 2 ** -24 + ROUNDING),
    [n],
  )
  return graph.add('Add', [score, graph.add('Add', [graph.add('Mul', [lost, factor]), rest])])
}

/** u of each row as a column (dim x n), t, and |e|. */
function quantizePanel(rows: Float32Array, dim: number) {
  const n = rows.length / dim
  const columns = new Int8Array(rows.length)
  const [steps, lost] = [new Float32Array(n), new Float32Array(n)]
  for (let j = 0; j < n; j++) {
    const row = rows.subarray(j * dim, (j + 1) * dim)
    const step = Math.fround(row.reduce((peak, y) => Math.max(peak, Math.abs(y)), 1e-30) / LARGEST)
    let squares = 0
    for (let k = 0; k < dim; k++) {
      const u = Math.min(Math.max(Math.round(row[k]! / step), -LARGEST), LARGEST)
      columns[k * n + j] = u
      squares += (row[k]! - u * step) ** 2
    }
    steps[j] = step
    lost[j] = Math.sqrt(squares)
  }
  return { columns, steps, lost }
}
