import { EvaluateError } from '../errors.js'

/** Embeddings as rows of one array. */
export interface Rows {
  /** N x dim, row-major. */
  readonly embeddings: Float32Array
  readonly dim: number
  /** What errors call the rows, for example image paths. */
  readonly names?: readonly string[]
}

/**
 * The number of rows.
 * @throws EvaluateError EVALUATE_SHAPE
 */
export function countRows({ embeddings, dim }: Rows): number {
  if (!Number.isInteger(dim) || dim < 1 || embeddings.length % dim !== 0) {
    throw new EvaluateError(
      'EVALUATE_SHAPE',
      `${embeddings.length} numbers are no whole number of embeddings of length ${dim}`,
    )
  }
  return embeddings.length / dim
}

/**
 * One over the length of each row.
 * @throws EvaluateError EVALUATE_SHAPE, EVALUATE_EMBEDDING (zero, NaN or infinity)
 */
export function inverseNorms(rows: Rows): Float64Array {
  const { embeddings, dim } = rows
  return Float64Array.from({ length: countRows(rows) }, (_, row) => {
    const squared = dot(embeddings, row * dim, embeddings, row * dim, dim)
    return 1 / Math.sqrt(checkSquared(squared, rows.names?.[row] ?? `row ${row}`))
  })
}

/**
 * The rows with length 1, computed in float64, in a new array or in `target`.
 * @throws EvaluateError EVALUATE_SHAPE, EVALUATE_EMBEDDING
 */
export function normalizeRows(
  rows: Rows,
  target: Float32Array = new Float32Array(rows.embeddings.length),
): Float32Array {
  const { embeddings, dim } = rows
  const inverse = inverseNorms(rows)
  for (let row = 0, k = 0; row < inverse.length; row++) {
    const factor = inverse[row]!
    for (const end = k + dim; k < end; k++) target[k] = embeddings[k]! * factor
  }
  return target
}

/** Rows of several arrays one behind the other. */
export function joinRows(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    all.set(part, offset)
    offset += part.length
  }
  return all
}

/** Some rows, in this order, in a new array or in `target`. */
export function gatherRows(
  { embeddings, dim }: Pick<Rows, 'embeddings' | 'dim'>,
  rows: Int32Array,
  target: Float32Array = new Float32Array(rows.length * dim),
): Float32Array {
  rows.forEach((row, i) => {
    target.set(embeddings.subarray(row * dim, (row + 1) * dim), i * dim)
  })
  return target
}

/** Refuses the squared length of what cannot be normalised. */
export function checkSquared(squared: number, name: string): number {
  if (squared > 0 && squared < Number.POSITIVE_INFINITY) return squared
  const what = squared === 0 ? 'is zero' : 'holds NaN or infinity'
  throw new EvaluateError(
    'EVALUATE_EMBEDDING',
    `the embedding of ${name} ${what}; check the model and its preprocessing`,
  )
}

/** x[i .. i + dim] . y[j .. j + dim], in float64; four sums, so that they need not wait for each other. */
export function dot(x: Float32Array, i: number, y: Float32Array, j: number, dim: number): number {
  let a = 0
  let b = 0
  let c = 0
  let d = 0
  let k = 0
  for (const end = dim - 3; k < end; k += 4) {
    a += x[i + k]! * y[j + k]!
    b += x[i + k + 1]! * y[j + k + 1]!
    c += x[i + k + 2]! * y[j + k + 2]!
    d += x[i + k + 3]! * y[j + k + 3]!
  }
  for (; k < dim; k++) a += x[i + k]! * y[j + k]!
  return a + b + (c + d)
}
