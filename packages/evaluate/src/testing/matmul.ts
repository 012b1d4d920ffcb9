import { GROUP, type MatMul } from '../identification/matmul.js'

/** The product by its definition, in float64, rounded to float32 at the end. */
export const referenceMatMul: MatMul = async (panels, dim) => {
  const kept = panels.map((rows) => rows.slice())
  return {
    async times(block, m, out, best) {
      if (m % GROUP !== 0) throw new Error(`${m} rows are no whole groups`)
      for (const [p, rows] of kept.entries()) {
        const n = rows.length / dim
        best[p]!.fill(Number.NEGATIVE_INFINITY)
        for (let i = 0; i < m; i++) {
          for (let j = 0; j < n; j++) {
            let sum = 0
            for (let k = 0; k < dim; k++) sum += block[i * dim + k]! * rows[j * dim + k]!
            out[p]![i * n + j] = sum
            const group = Math.floor(i / GROUP) * n + j
            best[p]![group] = Math.max(best[p]![group]!, out[p]![i * n + j]!)
          }
        }
      }
    },
    async release() {},
  }
}
