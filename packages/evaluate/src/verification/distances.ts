import { EvaluateError } from '../errors.js'

/** Embeddings, and which of them are compared. */
export interface VerificationInput {
  /** N x dim, row-major. Rows need not be normalised: they are, in float64. */
  readonly embeddings: Float32Array
  readonly dim: number
  /** Row of each pair's first and second embedding; P entries each. */
  readonly a: Int32Array
  readonly b: Int32Array
  /** 1 where both are the same person, else 0; P entries. */
  readonly same: Uint8Array
  /** Pairs are divided into so many folds in the order given. */
  readonly folds: number
  /** What errors call the rows, for example image paths. */
  readonly names?: readonly string[]
}

/**
 * Squared L2 distance of the normalised embeddings of each pair, 0 to 4, in float64.
 * @throws EvaluateError EVALUATE_SHAPE, EVALUATE_PAIRS, EVALUATE_EMBEDDING
 */
export function pairDistances(input: VerificationInput): Float64Array {
  const { embeddings, dim, a, b } = input
  const inverse = inverseNorms(input)
  checkPairs(input, inverse.length)
  return Float64Array.from(a, (first, p) => {
    const second = b[p]!
    const [i, j] = [first * dim, second * dim]
    const [u, v] = [inverse[first]!, inverse[second]!]
    let sum = 0
    for (let k = 0; k < dim; k++) {
      const difference = embeddings[i + k]! * u - embeddings[j + k]! * v
      sum += difference * difference
    }
    return sum
  })
}

function inverseNorms({ embeddings, dim, names }: VerificationInput): Float64Array {
  if (!Number.isInteger(dim) || dim < 1 || embeddings.length % dim !== 0) {
    throw new EvaluateError(
      'EVALUATE_SHAPE',
      `${embeddings.length} numbers are no whole number of embeddings of length ${dim}`,
    )
  }
  const inverse = new Float64Array(embeddings.length / dim)
  for (let row = 0; row < inverse.length; row++) {
    let sum = 0
    for (let k = row * dim; k < (row + 1) * dim; k++) sum += embeddings[k]! * embeddings[k]!
    if (!(sum > 0 && sum < Number.POSITIVE_INFINITY)) {
      const what = sum === 0 ? 'is zero' : 'holds NaN or infinity'
      throw new EvaluateError(
        'EVALUATE_EMBEDDING',
        `the embedding of ${names?.[row] ?? `row ${row}`} ${what}; check the model and its preprocessing`,
      )
    }
    inverse[row] = 1 / Math.sqrt(sum)
  }
  return inverse
}

function checkPairs({ a, b, same }: VerificationInput, rows: number): void {
  if (a.length !== b.length || a.length !== same.length) {
    throw new EvaluateError(
      'EVALUATE_PAIRS',
      `a, b and same must be of one length, but have ${a.length}, ${b.length} and ${same.length}`,
    )
  }
  for (const positions of [a, b]) {
    const bad = positions.find((row) => row < 0 || row >= rows)
    if (bad !== undefined) {
      throw new EvaluateError(
        'EVALUATE_PAIRS',
        `a pair names embedding ${bad}, but there are ${rows} of them`,
      )
    }
  }
}
