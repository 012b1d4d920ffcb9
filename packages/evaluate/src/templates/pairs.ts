import { countRows, dot, type Rows } from '../embeddings/rows.js'
import { EvaluateError } from '../errors.js'

/** Pairs scored between two calls of `onProgress`. */
const BLOCK = 1 << 18

export interface PairScoresOptions {
  /** Called after each block of pairs. */
  readonly onProgress?: (done: number, total: number) => void
}

/**
 * Cosine of each pair of rows, in float64: 1:1 verification of templates. Nothing is gathered or
 * copied, so beside the result (8 bytes a pair) no memory is taken, and the event loop gets its turn
 * after each block.
 *
 * @param rows L2-normalised, as `poolTemplates` and `normalizeRows` give them
 * @param a rows of the first, P of them (see `templateRows`)
 * @param b rows of the second, P
 * @throws EvaluateError EVALUATE_SHAPE, EVALUATE_PAIRS, EVALUATE_EMBEDDING (NaN)
 */
export async function pairScores(
  rows: Rows,
  a: Int32Array,
  b: Int32Array,
  { onProgress }: PairScoresOptions = {},
): Promise<Float64Array> {
  const count = countRows(rows)
  checkRows(a, b, count)
  const scores = new Float64Array(a.length)
  for (let start = 0; start < a.length; start += BLOCK) {
    const end = Math.min(start + BLOCK, a.length)
    scoreBlock(rows, a, b, scores, start, end)
    onProgress?.(end, a.length)
    await new Promise(setImmediate)
  }
  return scores
}

function scoreBlock(
  { embeddings, dim, names }: Rows,
  a: Int32Array,
  b: Int32Array,
  scores: Float64Array,
  start: number,
  end: number,
): void {
  for (let p = start; p < end; p++) {
    const score = dot(embeddings, a[p]! * dim, embeddings, b[p]! * dim, dim)
    if (Number.isNaN(score)) {
      const pair = [a[p]!, b[p]!].map((row) => names?.[row] ?? `row ${row}`).join(' and ')
      throw new EvaluateError('EVALUATE_EMBEDDING', `the cosine of ${pair} is NaN`)
    }
    scores[p] = score
  }
}

function checkRows(a: Int32Array, b: Int32Array, count: number): void {
  if (a.length !== b.length) {
    const message = `a and b must be of one length, but have ${a.length} and ${b.length}`
    throw new EvaluateError('EVALUATE_PAIRS', message)
  }
  for (const rows of [a, b]) {
    const bad = rows.find((row) => row < 0 || row >= count)
    if (bad !== undefined) {
      const message = `a pair names row ${bad}, but there are ${count} of them`
      throw new EvaluateError('EVALUATE_PAIRS', message)
    }
  }
}
