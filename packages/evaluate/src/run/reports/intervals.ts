import { type PairIntervals, pairIntervals } from '../../bootstrap/intervals.js'
import { pairSample } from '../../bootstrap/sample.js'
import { EvaluateError } from '../../errors.js'
import type { ScoredPairs } from '../../report/index.js'
import { farGrid } from '../../roc/figures.js'

/** So many draws of people, and of very many pairs fewer: one takes a second of ten million. */
const REPLICATES = 1000
const MANY_PAIRS = 1e6

/** Rows of each pair, and the person of each row; see `pairSample`. */
export interface PairRows {
  readonly a: Int32Array
  readonly b: Int32Array
  readonly people: Int32Array
  readonly folds?: number | undefined
}

/**
 * Intervals of all that a report shows of scored pairs. None where labels contradict each other, as in sets that call one
 * picture two people, or people are too few: figures do not need them.
 * @param onMissing hears why there are none
 */
export function reportIntervals(
  { similarities, same, tarAtFar }: ScoredPairs,
  { a, b, people, folds }: PairRows,
  onMissing?: (why: string) => void,
): PairIntervals | undefined {
  const impostors = same.reduce((sum, label) => sum + Number(label !== 1), 0)
  const fars = [...Object.keys(tarAtFar).map(Number), ...farGrid(impostors)]
  const replicates = same.length > MANY_PAIRS ? REPLICATES / 10 : REPLICATES
  try {
    const sample = pairSample(similarities, same, a, b, people)
    return pairIntervals(sample, { fars, replicates, ...(folds !== undefined && { folds }) })
  } catch (error) {
    if (!(error instanceof EvaluateError) || error.code !== 'EVALUATE_IDENTITY') throw error
    onMissing?.(error.message)
    return undefined
  }
}
