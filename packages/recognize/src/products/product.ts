import { GraphBuilder, TensorProto_DataType } from '@arcface/onnx'
import type { Engine, Runnable } from './engine.js'

const { FLOAT } = TensorProto_DataType

/**
 * An ONNX model that multiplies `block` (M x dim) with the transpose of each panel p (n x dim) to
 * `scores_p` (M x n). Gemm rather than MatMul, because it takes rows as they lie in memory; the panels
 * stand in the model, because ONNX Runtime packs constants once and for all.
 */
export function productModel(panels: readonly Float32Array[], dim: number): Uint8Array {
  const graph = new GraphBuilder('product')
  const block = graph.input('block', FLOAT, ['M', dim])
  for (const [p, rows] of panels.entries()) {
    const n = rows.length / dim
    const panel = graph.constant(rows, [n, dim])
    const scores = graph.add(
      'Gemm',
      [block, panel],
      { transB: { int: 1 } },
      { output: `scores_${p}` },
    )
    graph.output(scores, FLOAT, ['M', n])
  }
  return graph.encode()
}

/** Multiplies `block` with panels: `scores_0` is m x n of the first. */
export const openProduct = (
  engine: Engine,
  panels: readonly Float32Array[],
  dim: number,
): Promise<Runnable> => engine.open(productModel(panels, dim))
