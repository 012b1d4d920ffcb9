import type { RowPart, RowProduct, RowScores } from '@arcface/vision'

/**
 * Products of embeddings in plain TypeScript: a search among 10,000 faces of 512 numbers takes some milliseconds, which a
 * worker has; ONNX Runtime's product would need its own copy of them.
 */
export const plainProduct: RowProduct = {
  times: async (probes, parts, dim) => parts.map((part, i) => scoresOf(probes, part, i, dim)),
}

function scoresOf(probes: Float32Array, { rows }: RowPart, part: number, dim: number): RowScores {
  const [m, n] = [probes.length / dim, rows.length / dim]
  const scores = new Float32Array(m * n)
  const whole = dim - (dim % 4)
  for (let i = 0; i < n; i++)
    // A row is read once for all probes.
    for (let p = 0; p < m; p++) {
      let [row, probe] = [i * dim, p * dim]
      // Four sums do not wait for each other.
      let [a, b, c, d] = [0, 0, 0, 0]
      for (const end = row + whole; row < end; row += 4, probe += 4) {
        a += rows[row]! * probes[probe]!
        b += rows[row + 1]! * probes[probe + 1]!
        c += rows[row + 2]! * probes[probe + 2]!
        d += rows[row + 3]! * probes[probe + 3]!
      }
      for (const end = (i + 1) * dim; row < end; row++, probe++) a += rows[row]! * probes[probe]!
      scores[p * n + i] = a + b + c + d
    }
  return { part, first: 0, scores }
}
