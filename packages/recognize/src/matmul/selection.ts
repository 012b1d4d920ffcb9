import { boundProducts, type QuantizedBlock, quantizeBlock } from './bound.js'
import { FLOAT, Graph, INT32, value } from './graph.js'

/**
 * An ONNX model that selects of each panel p (n x dim) the rows which have a product above their
 * `thresholds_p` (n) with one of the rows of `block` (M x dim): `columns_p` says which (F), `scores_p`
 * is their products (M x F), `best_p` the largest of each group of rows (M / group x F).
 *
 * With `int8` all products are bounded in int8, which is several times as fast as float32, and those in
 * float32 are left to the few rows that may pass; these are taken from an input `panel_p`, so that the
 * model need not hold what is in memory already. Without, all products are in float32.
 */
export function selectionModel(
  panels: readonly Float32Array[],
  dim: number,
  group: number,
  int8: boolean,
): Uint8Array {
  const graph = new Graph()
  const block = int8 ? quantizeBlock(graph, dim, group) : undefined
  const inputs = [value('block', FLOAT, 'M', dim)]
  const rowsOfBlock = graph.add('Shape', ['block'], { start: 0n, end: 1n })
  const count = graph.add('Div', [rowsOfBlock, graph.integers([group])])
  const outputs = panels.flatMap((rows, p) => {
    const n = rows.length / dim
    inputs.push(value(`thresholds_${p}`, FLOAT, n))
    if (int8) inputs.push(value(`panel_${p}`, FLOAT, n, dim))
    const chosen = block
      ? boundThenMultiply(graph, block, rows, dim, p)
      : multiplyThenChoose(graph, rows, dim, p)
    const sizes = [count, graph.integers([group]), graph.add('Shape', [chosen])]
    const shape = graph.add('Concat', sizes, { axis: 0n })
    // Perhaps nothing was chosen; a size of 0 is to be taken at its word.
    const groups = graph.add('Reshape', [`scores_${p}`, shape], { allowzero: 1n })
    graph.max(groups, 1, `best_${p}`)
    graph.add('Cast', [chosen], { to: BigInt(INT32) }, `columns_${p}`)
    // The sizes of what was found are the panel's own.
    return [
      value(`columns_${p}`, INT32, `F_${p}`),
      value(`scores_${p}`, FLOAT, 'M', `F_${p}`),
      value(`best_${p}`, FLOAT, 'G', `F_${p}`),
    ]
  })
  return graph.encode(inputs, outputs)
}

function boundThenMultiply(
  graph: Graph,
  block: QuantizedBlock,
  rows: Float32Array,
  dim: number,
  p: number,
): string {
  const bounds = graph.max(boundProducts(graph, block, rows, dim), 0)
  const chosen = above(graph, bounds, `thresholds_${p}`)
  const few = graph.add('Gather', [`panel_${p}`, chosen])
  graph.add('Gemm', ['block', few], { transB: 1n }, `scores_${p}`)
  return chosen
}

function multiplyThenChoose(graph: Graph, rows: Float32Array, dim: number, p: number): string {
  const panel = graph.constant(rows, [rows.length / dim, dim])
  const all = graph.add('Gemm', ['block', panel], { transB: 1n })
  const chosen = above(graph, graph.max(all, 0), `thresholds_${p}`)
  // What leaves the graph is copied, so only what was chosen leaves it.
  graph.add('Gather', [all, chosen], { axis: 1n }, `scores_${p}`)
  return chosen
}

/** Places of the numbers that are above their thresholds; F. */
function above(graph: Graph, numbers: string, thresholds: string): string {
  const places = graph.add('NonZero', [graph.add('Greater', [numbers, thresholds])])
  return graph.add('Reshape', [places, graph.integers([-1])])
}
