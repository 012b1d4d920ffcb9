/**
 * An orthogonal matrix of n rows of n numbers, uniform over all of them (Haar's measure on O(n)): the Q of the QR of a
 * Gaussian matrix, as the product of its Householder reflections alone (Stewart 1980, "The efficient generation of random
 * orthogonal matrices", section 3).
 * @param normals n (n + 1) / 2 independent normal numbers
 */
export function orthogonalOf(normals: Float64Array, n: number): Float64Array {
  const q = new Float64Array(n * n)
  for (let i = 0; i < n; i++) q[i * n + i] = 1
  let at = 0
  for (let first = 0; first < n; first++) {
    const x = normals.slice(at, at + n - first)
    at += x.length
    const sign = x[0]! < 0 ? -1 : 1
    const squares = dot(x, 0, x, 0, x.length)
    x[0]! += sign * Math.sqrt(squares)
    // 2 / |x|^2; the last reflection, of one number, is a sign.
    const scale = 2 / dot(x, 0, x, 0, x.length)
    for (let row = 0; row < n; row++) {
      const begin = row * n + first
      const along = scale * dot(q, begin, x, 0, x.length)
      for (let k = 0; k < x.length; k++) q[begin + k] = -sign * (q[begin + k]! - along * x[k]!)
    }
  }
  return q
}

/** The product of `length` numbers of a, from i on, with as many of b from j on, in four sums, which take turns. */
export function dot(
  a: Float64Array,
  i: number,
  b: Float64Array,
  j: number,
  length: number,
): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0]
  let k = 0
  for (; k + 3 < length; k += 4) {
    s0 += a[i + k]! * b[j + k]!
    s1 += a[i + k + 1]! * b[j + k + 1]!
    s2 += a[i + k + 2]! * b[j + k + 2]!
    s3 += a[i + k + 3]! * b[j + k + 3]!
  }
  for (; k < length; k++) s0 += a[i + k]! * b[j + k]!
  return s0 + s1 + (s2 + s3)
}
