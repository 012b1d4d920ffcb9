import { BLOCK, GROUP, PANEL } from '@arcface/evaluate'
import { onnxMatMul } from './matmul.js'

/** Rows made ready at a time. */
const PART = 16 * PANEL

/**
 * Calls `found(i, j, similarity)`, i < j, for every pair of rows whose product is above `threshold`.
 * Memory: the rows, and some 50 MB; time grows with the square of n.
 * @param rows n x dim, of length 1 or 0
 * @throws RecognizeError RECOGNIZE_USE, RECOGNIZE_LOAD, RECOGNIZE_RUN
 */
export async function pairsAbove(
  rows: Float32Array,
  dim: number,
  threshold: number,
  found: (i: number, j: number, similarity: number) => void,
): Promise<void> {
  const n = rows.length / dim
  const matmul = onnxMatMul()
  const block = new Float32Array(BLOCK * dim)
  for (let first = 0; first < n; first += PART) {
    const end = Math.min(n, first + PART)
    const panels: Float32Array[] = []
    for (let at = first; at < end; at += PANEL)
      panels.push(rows.subarray(at * dim, Math.min(end, at + PANEL) * dim))
    const thresholds = panels.map(({ length }) => new Float32Array(length / dim).fill(threshold))
    const selection = await matmul.selection(panels, dim)
    try {
      for (let i = 0; i < end; i += BLOCK) {
        const m = Math.min(BLOCK, end - i)
        block.set(rows.subarray(i * dim, (i + m) * dim))
        const selected = await selection.above(block, Math.ceil(m / GROUP) * GROUP, thresholds)
        for (const [p, { columns, scores }] of selected.entries())
          for (let a = 0, at = 0; a < m; a++)
            for (const column of columns) {
              const [similarity, j] = [scores[at++]!, first + p * PANEL + column]
              if (similarity > threshold && j > i + a) found(i + a, j, similarity)
            }
      }
    } finally {
      await selection.release()
    }
  }
}
