import { FLOAT, Graph, value } from './graph.js'

/**
 * An ONNX model that multiplies `block` (M x dim) with the transpose of each panel p (n x dim) to
 * `scores_p` (M x n). Gemm rather than MatMul, because it takes rows as they lie in memory; the panels
 * stand in the model, because ONNX Runtime packs constants once and for all.
 */
export function productModel(panels: readonly Float32Array[], dim: number): Uint8Array {
  const graph = new Graph()
  const outputs = panels.map((rows, p) => {
    const n = rows.length / dim
    const input = ['block', graph.constant(rows, [n, dim])]
    return value(graph.add('Gemm', input, { transB: 1n }, `scores_${p}`), FLOAT, 'M', n)
  })
  return graph.encode([value('block', FLOAT, 'M', dim)], outputs)
}
