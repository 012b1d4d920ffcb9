import { EvaluateError } from '../errors.js'
import { countPeople } from '../verification/identities.js'

/** Scored pairs of people. */
export interface PairSample {
  /** Cosine of each pair, P. */
  readonly similarities: Float32Array | Float64Array
  /** 1 or 0, P. */
  readonly same: Uint8Array
  /** Person of the first and of the second of each pair: 0 .. identities - 1; P. */
  readonly first: Int32Array
  /** Negative where it is nobody who is drawn: then the pair counts as often as its first person. */
  readonly second: Int32Array
  readonly identities: number
}

/** Scored pairs that do not all count the same. */
export interface WeighedSample extends PairSample {
  /** What each pair counts among those of its kind; by default all the same. */
  readonly weights?: Float64Array
  /**
   * The impostor pairs are only the largest: all couples of people were compared, and the pairs of each count 1 together by
   * their weights.
   */
  readonly isTail?: boolean
}

function whose(x: number, y: number): string {
  if (x < 0 || y < 0) return 'it is not known who is in it'
  return x === y ? `both sides are person ${x}` : `its sides are person ${x} and person ${y}`
}

/**
 * A sample from the people of rows and the rows of pairs.
 * @param identityOf person of each row: 0, 1, ... (see `numberNames`)
 * @throws EvaluateError EVALUATE_PAIRS (lengths); EVALUATE_IDENTITY where a pair's label and its people
 *   disagree; names the pair
 */
export function pairSample(
  similarities: Float32Array | Float64Array,
  same: Uint8Array,
  a: Int32Array,
  b: Int32Array,
  identityOf: Int32Array,
): PairSample {
  if ([similarities, a, b].some((list) => list.length !== same.length)) {
    throw new EvaluateError(
      'EVALUATE_PAIRS',
      `similarities, labels, a and b must be of one length, but have ${similarities.length}, ${same.length}, ${a.length} and ${b.length}`,
    )
  }
  const [first, second] = [a, b].map((rows) => rows.map((row) => identityOf[row] ?? -1))
  for (let p = 0; p < same.length; p++) {
    const [x, y] = [first![p]!, second![p]!]
    if (x < 0 || y < 0 || (x === y) !== (same[p] === 1)) {
      throw new EvaluateError(
        'EVALUATE_IDENTITY',
        `pair ${p + 1} is labelled ${same[p] === 1 ? 'the same person' : 'two people'}, but ${whose(x, y)}`,
      )
    }
  }
  const identities = countPeople(identityOf)
  return { similarities, same, first: first!, second: second!, identities }
}
