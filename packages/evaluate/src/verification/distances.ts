import { inverseNorms, type Rows } from '../embeddings/rows.js'
import { EvaluateError } from '../errors.js'

/** Embeddings, and which of them are compared. Rows need not be normalised: they are, in float64. */
export interface VerificationInput extends Rows {
  /** Row of each pair's first and second embedding; P entries each. */
  readonly a: Int32Array
  readonly b: Int32Array
  /** 1 where both are the same person, else 0; P entries. */
  readonly same: Uint8Array
  /** Pairs are divided into so many folds in the order given. */
  readonly folds: number
}

/**
 * Squared L2 distance of the normalised embeddings of each pair, 0 to 4, in float64.
 * @throws EvaluateError EVALUATE_SHAPE, EVALUATE_PAIRS, EVALUATE_EMBEDDING
 */
export function pairDistances(input: Omit<VerificationInput, 'folds'>): Float64Array {
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

function checkPairs({ a, b, same }: Omit<VerificationInput, 'folds'>, rows: number): void {
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
