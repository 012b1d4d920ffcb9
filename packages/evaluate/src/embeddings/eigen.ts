/** Sweeps over all pairs at most; some 8 do for matrices of 100 x 100. */
const SWEEPS = 60

/**
 * Eigenvalues of a symmetric matrix, the largest first, and their eigenvectors of length 1, by Jacobi's rotations (Golub
 * and Van Loan, 8.5).
 * @param matrix m rows of m numbers; it is left alone
 */
export function symmetricEigen(matrix: readonly (readonly number[])[]): {
  values: Float64Array
  vectors: Float64Array[]
} {
  const m = matrix.length
  const a = matrix.map((line) => Float64Array.from(line))
  // Rows are eigenvectors in the end.
  const v = a.map((_, i) => Float64Array.from({ length: m }, (_, j) => Number(i === j)))
  const size = Math.hypot(...a.map((line) => Math.hypot(...line)))
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let off = 0
    for (let p = 0; p < m; p++)
      for (let q = p + 1; q < m; q++) off = Math.max(off, Math.abs(a[p]![q]!))
    if (off <= 1e-15 * size) break
    for (let p = 0; p < m; p++)
      for (let q = p + 1; q < m; q++) if (a[p]![q] !== 0) rotate(a, v, p, q)
  }
  const order = a.map((_, i) => i).sort((i, j) => a[j]![j]! - a[i]![i]!)
  return {
    values: Float64Array.from(order, (i) => a[i]![i]!),
    vectors: order.map((i) => v[i]!),
  }
}

/** Makes a[p][q] 0. */
function rotate(a: Float64Array[], v: Float64Array[], p: number, q: number): void {
  const tau = (a[q]![q]! - a[p]![p]!) / (2 * a[p]![q]!)
  const t = Math.sign(tau || 1) / (Math.abs(tau) + Math.hypot(1, tau))
  const c = 1 / Math.hypot(1, t)
  const s = t * c
  const turned = (x: number, y: number) => [c * x - s * y, s * x + c * y] as const
  for (const line of a) [line[p], line[q]] = turned(line[p]!, line[q]!)
  for (const lines of [a, v])
    for (let k = 0; k < a.length; k++)
      [lines[p]![k], lines[q]![k]] = turned(lines[p]![k]!, lines[q]![k]!)
}
