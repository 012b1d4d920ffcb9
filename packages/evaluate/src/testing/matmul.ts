import { GROUP, type MatMul } from '@arcface/vision'

/** Products by their definition, in float64, rounded to float32 at the end. */
export const referenceMatMul: MatMul = {
  async product(panels, dim) {
    const kept = panels.map((rows) => rows.slice())
    return {
      async times(block, m, out) {
        for (const [p, rows] of kept.entries()) {
          const n = rows.length / dim
          for (let i = 0; i < m; i++)
            for (let j = 0; j < n; j++) out[p]![i * n + j] = product(block, i, rows, j, dim)
        }
      },
      async release() {},
    }
  },

  /** Selects one row in seven that it need not. */
  async selection(panels, dim) {
    const kept = panels.map((rows) => rows.slice())
    return {
      async above(block, m, thresholds) {
        if (m % GROUP !== 0) throw new Error(`${m} rows are no whole groups`)
        return kept.map((rows, p) => {
          const columns: number[] = []
          const scores: Float32Array[] = []
          for (let j = 0; j < rows.length / dim; j++) {
            const column = new Float32Array(m).map((_, i) => product(block, i, rows, j, dim))
            if (j % 7 !== 0 && !column.some((score) => score > thresholds[p]![j]!)) continue
            columns.push(j)
            scores.push(column)
          }
          const transposed = (count: number, of: (row: number, column: Float32Array) => number) =>
            Float32Array.from({ length: count * columns.length }, (_, at) =>
              of(Math.floor(at / columns.length), scores[at % columns.length]!),
            )
          return {
            columns: Int32Array.from(columns),
            scores: transposed(m, (i, column) => column[i]!),
            best: transposed(m / GROUP, (g, column) =>
              Math.max(...column.subarray(g * GROUP, (g + 1) * GROUP)),
            ),
          }
        })
      },
      async release() {},
    }
  },
}

function product(x: Float32Array, i: number, y: Float32Array, j: number, dim: number): number {
  let sum = 0
  for (let k = 0; k < dim; k++) sum += x[i * dim + k]! * y[j * dim + k]!
  return sum
}
