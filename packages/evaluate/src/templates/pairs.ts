import type { MatMul } from '@arcface/vision'
import { countRows, dot, type Rows } from '../embeddings/rows.js'
import { EvaluateError } from '../errors.js'
import type { ScoreArray } from '../roc/scores.js'
import { planProduct, productScores } from './products.js'

/** Pairs scored between two calls of `onProgress`. */
const BLOCK = 1 << 18

export interface PairScoresOptions {
  /** Called after each block of pairs. */
  readonly onProgress?: (done: number, total: number) => void
  /** For many pairs of few rows, as IJB lists them: several times as fast, scores in float32. */
  readonly matmul?: MatMul
}

/**
 * Cosine of each pair of rows, in float64: 1:1 verification of templates. Nothing is gathered or
 * copied, so beside the result (8 bytes a pair) no memory is taken, and the event loop gets its turn
 * after each block. With `matmul`, and where the pairs are many of few rows, they are picked out of
 * products of 256 rows with all: in float32, with 8 bytes a pair and the rows twice.
 *
 * @param rows L2-normalised, as `poolTemplates` and `normalizeRows` give them
 * @param a rows of the first, P of them (see `templateRows`)
 * @param b rows of the second, P
 * @throws EvaluateError EVALUATE_SHAPE, EVALUATE_PAIRS, EVALUATE_EMBEDDING (NaN); whatever `matmul` throws
 */
export async function pairScores(
  rows: Rows,
  a: Int32Array,
  b: Int32Array,
  { onProgress, matmul }: PairScoresOptions = {},
): Promise<ScoreArray> {
  checkRows(a, b, countRows(rows))
  const plan = matmul && planProduct(rows, a, b)
  if (matmul && plan) {
    const scores = await productScores(rows, a, b, plan, matmul, onProgress)
    const bad = scores.findIndex(Number.isNaN)
    if (bad >= 0) throw notANumber(rows, a[bad]!, b[bad]!)
    return scores
  }
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
  rows: Rows,
  a: Int32Array,
  b: Int32Array,
  scores: Float64Array,
  start: number,
  end: number,
): void {
  const { embeddings, dim } = rows
  for (let p = start; p < end; p++) {
    const score = dot(embeddings, a[p]! * dim, embeddings, b[p]! * dim, dim)
    if (Number.isNaN(score)) throw notANumber(rows, a[p]!, b[p]!)
    scores[p] = score
  }
}

function notANumber({ names }: Rows, ...pair: [number, number]): EvaluateError {
  const both = pair.map((row) => names?.[row] ?? `row ${row}`).join(' and ')
  return new EvaluateError('EVALUATE_EMBEDDING', `the cosine of ${both} is NaN`)
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
