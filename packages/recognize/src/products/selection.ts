import { GraphBuilder, TensorProto_DataType } from '@arcface/onnx'
import { GROUP } from '@arcface/vision'
import { boundProducts, type QuantizedBlock, quantizeBlock } from './bound.js'
import type { Engine, Runnable } from './engine.js'
import { largest } from './nodes.js'

const { FLOAT, INT32 } = TensorProto_DataType

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
  const graph = new GraphBuilder('product')
  const block = int8 ? quantizeBlock(graph, dim, group) : undefined
  graph.input('block', FLOAT, ['M', dim])
  const rowsOfBlock = graph.add('Shape', ['block'], { start: { int: 0 }, end: { int: 1 } })
  const count = graph.add('Div', [rowsOfBlock, graph.integers([group])])
  for (const [p, rows] of panels.entries()) {
    const n = rows.length / dim
    graph.input(`thresholds_${p}`, FLOAT, [n])
    if (int8) graph.input(`panel_${p}`, FLOAT, [n, dim])
    const chosen = block
      ? boundThenMultiply(graph, block, rows, dim, p)
      : multiplyThenChoose(graph, rows, dim, p)
    const sizes = [count, graph.integers([group]), graph.add('Shape', [chosen])]
    const shape = graph.add('Concat', sizes, { axis: { int: 0 } })
    // Perhaps nothing was chosen; a size of 0 is to be taken at its word.
    const groups = graph.add('Reshape', [`scores_${p}`, shape], { allowzero: { int: 1 } })
    largest(graph, groups, 1, { output: `best_${p}` })
    graph.add('Cast', [chosen], { to: { int: INT32 } }, { output: `columns_${p}` })
    // The sizes of what was found are the panel's own.
    graph.output(`columns_${p}`, INT32, [`F_${p}`])
    graph.output(`scores_${p}`, FLOAT, ['M', `F_${p}`])
    graph.output(`best_${p}`, FLOAT, ['G', `F_${p}`])
  }
  return graph.encode()
}

function boundThenMultiply(
  graph: GraphBuilder,
  block: QuantizedBlock,
  rows: Float32Array,
  dim: number,
  p: number,
): string {
  const bounds = largest(graph, boundProducts(graph, block, rows, dim), 0)
  const chosen = above(graph, bounds, `thresholds_${p}`)
  const few = graph.add('Gather', [`panel_${p}`, chosen])
  graph.add('Gemm', ['block', few], { transB: { int: 1 } }, { output: `scores_${p}` })
  return chosen
}

function multiplyThenChoose(
  graph: GraphBuilder,
  rows: Float32Array,
  dim: number,
  p: number,
): string {
  const panel = graph.constant(rows, [rows.length / dim, dim])
  const all = graph.add('Gemm', ['block', panel], { transB: { int: 1 } })
  const chosen = above(graph, largest(graph, all, 0), `thresholds_${p}`)
  // What leaves the graph is copied, so only what was chosen leaves it.
  graph.add('Gather', [all, chosen], { axis: { int: 1 } }, { output: `scores_${p}` })
  return chosen
}

/** Places of the numbers that are above their thresholds; F. */
function above(graph: GraphBuilder, numbers: string, thresholds: string): string {
  const places = graph.add('NonZero', [graph.add('Greater', [numbers, thresholds])])
  return graph.add('Reshape', [places, graph.integers([-1])])
}

/** Selects of panels, as the model does: a run takes `block` and `thresholds_0` and so on. */
export async function openSelection(
  engine: Engine,
  panels: readonly Float32Array[],
  dim: number,
  int8: boolean,
): Promise<Runnable> {
  const session = await engine.open(selectionModel(panels, dim, GROUP, int8))
  const sides = panels.map((rows, p) => {
    const data = rows.buffer instanceof ArrayBuffer ? rows : rows.slice()
    return [`panel_${p}`, { dims: [data.length / dim, dim], data }]
  })
  const given = int8 ? Object.fromEntries(sides) : {}
  return {
    run: (inputs) => session.run({ ...given, ...inputs }),
    release: () => session.release(),
  }
}
