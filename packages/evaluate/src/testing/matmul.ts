import type { MatMul } from '../identification/matmul.js'

/** The product by its definition, in float64, rounded to float32 at the end. */
export const referenceMatMul: MatMul = async (rows, n, dim) => {
  const kept = rows.slice(0, n * dim)
  return {
    async times(block, m, out, best) {
      best.fill(Number.NEGATIVE_INFINITY, 0, n)
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < n; j++) {
          let sum = 0
          for (let k = 0; k < dim; k++) sum += block[i * dim + k]! * kept[j * dim + k]!
          out[i * n + j] = sum
          best[j] = Math.max(best[j]!, out[i * n + j]!)
        }
      }
    },
    async release() {},
  }
}
