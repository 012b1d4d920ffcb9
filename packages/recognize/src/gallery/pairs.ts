import { onnxMatMul } from '../matmul/matmul.js'

/** Rows of a panel, and of a block that is multiplied with it: their product has 16 MB. */
const PANEL = 32_768
const BLOCK = 128

/**
 * Calls `found(i, j, similarity)`, i < j, for every pair of rows whose product is above `threshold`.
 * @param rows n x dim, L2-normalised
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
  for (let first = 0; first < n; first += PANEL) {
    const count = Math.min(PANEL, n - first)
    const product = await matmul.product([rows.subarray(first * dim, (first + count) * dim)], dim)
    const out = new Float32Array(BLOCK * count)
    try {
      for (let i = 0; i < Math.min(n, first + count); i += BLOCK) {
        const m = Math.min(BLOCK, n - i)
        await product.times(rows.subarray(i * dim, (i + m) * dim), m, [out])
        for (let a = 0; a < m; a++)
          for (let b = Math.max(0, i + a + 1 - first); b < count; b++) {
            const similarity = out[a * count + b]!
            if (similarity > threshold) found(i + a, first + b, similarity)
          }
      }
    } finally {
      await product.release()
    }
  }
}
