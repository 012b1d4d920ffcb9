import { BLOCK, GROUP, PANEL } from '@arcface/vision'
import { RecognizeError } from '../errors.js'
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
  checkRows(rows, dim, threshold)
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

/** A threshold that is none would have no pair, or all. @throws RecognizeError RECOGNIZE_USE */
export function checkRows(rows: Float32Array, dim: number, threshold: number): void {
  const refuse = (why: string) => new RecognizeError('RECOGNIZE_USE', why)
  if (!(rows instanceof Float32Array)) throw refuse('rows of embeddings are a Float32Array')
  if (!(Number.isInteger(dim) && dim > 0 && rows.length % dim === 0))
    throw refuse(`${rows.length} numbers are no rows of length ${String(dim)}`)
  if (typeof threshold !== 'number' || Number.isNaN(threshold))
    throw refuse(`threshold: a cosine from -1 to 1, not ${String(threshold)}`)
}
