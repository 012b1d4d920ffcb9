import { Random } from '@arcface/vision'
import { symmetricEigen } from './eigen.js'

export interface Principal {
  /** N x count: what each row has of the directions in which the rows differ most, the first direction first. */
  readonly coordinates: Float32Array
  readonly count: number
  /** Share of the variance in each direction, `count` of them. */
  readonly shares: Float64Array
}

/** Rows from which the directions are learnt at most. */
const LEARNT = 20_000
/** Directions that are followed besides those wanted, so that these converge. */
const MORE = 8
const ROUNDS = 40

/**
 * Principal components of rows (n x dim): the covariance's largest eigenvectors by subspace iteration and Rayleigh-Ritz
 * (Golub and Van Loan, 8.2.4), of 20,000 rows spread evenly where there are more. The same rows give the same numbers; the
 * largest entry of each direction is positive.
 * @param most directions that are wanted; fewer where there are fewer dimensions
 */
export function principalComponents(rows: Float32Array, dim: number, most: number): Principal {
  const n = rows.length / dim
  const count = Math.min(most, dim)
  if (n === 0) return { coordinates: new Float32Array(0), count, shares: new Float64Array(count) }
  const { mean, covariance } = moments(rows, dim)
  const width = Math.min(count + MORE, dim)
  const random = new Random(1)
  let basis = orthonormal(
    Array.from({ length: width }, () => Float64Array.from({ length: dim }, () => random.normal())),
  )
  for (let round = 0; round < ROUNDS; round++)
    basis = orthonormal(basis.map((vector) => times(covariance, vector)))
  const images = basis.map((vector) => times(covariance, vector))
  const { values, vectors } = symmetricEigen(basis.map((a) => images.map((b) => dotOf(a, b))))
  const directions = vectors.slice(0, count).map((weights) => pointing(combine(basis, weights)))
  let variance = 0
  for (let d = 0; d < dim; d++) variance += covariance[d]![d]!
  const coordinates = new Float32Array(n * count)
  for (let row = 0; row < n; row++)
    for (const [k, direction] of directions.entries()) {
      let sum = 0
      for (let d = 0; d < dim; d++) sum += (rows[row * dim + d]! - mean[d]!) * direction[d]!
      coordinates[row * count + k] = sum
    }
  const shares = Float64Array.from({ length: count }, (_, k) =>
    // What rounding leaves of rows that are all alike is no variance.
    variance > 1e-14 * dotOf(mean, mean) ? Math.max(0, values[k]!) / variance : 0,
  )
  return { coordinates, count, shares }
}

function moments(rows: Float32Array, dim: number) {
  const n = rows.length / dim
  const step = Math.max(1, n / LEARNT)
  const learnt = Math.min(n, LEARNT)
  const mean = new Float64Array(dim)
  for (let i = 0; i < learnt; i++) {
    const at = Math.floor(i * step) * dim
    for (let d = 0; d < dim; d++) mean[d]! += rows[at + d]! / learnt
  }
  const covariance = Array.from({ length: dim }, () => new Float64Array(dim))
  const centred = new Float64Array(dim)
  for (let i = 0; i < learnt; i++) {
    const at = Math.floor(i * step) * dim
    for (let d = 0; d < dim; d++) centred[d] = rows[at + d]! - mean[d]!
    for (let d = 0; d < dim; d++) {
      const [line, value] = [covariance[d]!, centred[d]! / learnt]
      for (let e = d; e < dim; e++) line[e]! += value * centred[e]!
    }
  }
  for (let d = 0; d < dim; d++) for (let e = 0; e < d; e++) covariance[d]![e] = covariance[e]![d]!
  return { mean, covariance }
}

const times = (matrix: readonly Float64Array[], vector: Float64Array): Float64Array =>
  Float64Array.from(matrix, (line) => dotOf(line, vector))

function dotOf(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let d = 0; d < a.length; d++) sum += a[d]! * b[d]!
  return sum
}

/** Gram and Schmidt, twice for what rounding leaves; a vector of nothing new becomes 0. */
function orthonormal(vectors: Float64Array[]): Float64Array[] {
  for (const [i, vector] of vectors.entries()) {
    const before = Math.sqrt(dotOf(vector, vector))
    for (let again = 0; again < 2; again++)
      for (const other of vectors.slice(0, i)) {
        const share = dotOf(vector, other)
        for (let d = 0; d < vector.length; d++) vector[d]! -= share * other[d]!
      }
    const length = Math.sqrt(dotOf(vector, vector))
    const scale = length > 1e-12 * before ? 1 / length : 0
    for (let d = 0; d < vector.length; d++) vector[d]! *= scale
  }
  return vectors
}

function combine(basis: readonly Float64Array[], weights: Float64Array): Float64Array {
  const sum = new Float64Array(basis[0]!.length)
  for (const [i, vector] of basis.entries())
    for (let d = 0; d < sum.length; d++) sum[d]! += weights[i]! * vector[d]!
  return sum
}

/** Of a direction and its opposite the one whose largest entry is positive. */
function pointing(direction: Float64Array): Float64Array {
  const largest = direction.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0)
  return largest < 0 ? direction.map((value) => -value) : direction
}
