import { EvaluateError } from '../errors.js'

// Statistics over all pairs pooled. A pair is accepted where its similarity lies strictly above
// the threshold, so equal similarities are accepted or refused together.

export type ScoreArray = Float32Array | Float64Array

/** Similarities of genuine and of impostor pairs, sorted once for every reading. */
export interface Scores {
  /** Descending. */
  readonly genuine: ScoreArray
  /** Descending; all of them, or of very many the largest. */
  readonly impostor: ScoreArray
  /** How many impostor pairs there were, kept or not. */
  readonly impostors: number
}

/**
 * Scores from similarities with labels (1 = same person). Memory: one copy of the similarities.
 * @throws EvaluateError EVALUATE_PAIRS (lengths, or one kind of pair only), EVALUATE_EMBEDDING (NaN)
 */
export function scoresOf(similarities: ScoreArray, same: Uint8Array): Scores {
  let genuines = 0
  for (const label of same) if (label === 1) genuines++
  if (similarities.length === same.length && same.length > 0 && genuines % same.length === 0)
    throw new EvaluateError(
      'EVALUATE_PAIRS',
      `all ${same.length} pairs are ${genuines > 0 ? 'genuine (same person)' : 'impostors (two people)'}: both kinds are needed`,
    )
  if (similarities.length !== same.length || same.length === 0) {
    throw new EvaluateError(
      'EVALUATE_PAIRS',
      `${similarities.length} similarities with ${same.length} labels: one label each is needed`,
    )
  }
  const create = (n: number) =>
    similarities instanceof Float32Array ? new Float32Array(n) : new Float64Array(n)
  const genuine = create(genuines)
  const impostor = create(same.length - genuines)
  let [g, i] = [0, 0]
  for (let p = 0; p < same.length; p++) {
    if (same[p] === 1) genuine[g++] = similarities[p]!
    else impostor[i++] = similarities[p]!
  }
  return sortInPlace(genuine, impostor)
}

/**
 * Scores from two lists, which are copied.
 * @throws EvaluateError EVALUATE_PAIRS (an empty list), EVALUATE_EMBEDDING (NaN)
 */
export function sortScores(genuine: ScoreArray, impostor: ScoreArray): Scores {
  if (genuine.length === 0 || impostor.length === 0) {
    throw new EvaluateError(
      'EVALUATE_PAIRS',
      `${genuine.length} genuine and ${impostor.length} impostor scores: both kinds are needed`,
    )
  }
  return sortInPlace(genuine.slice(), impostor.slice())
}

function sortInPlace(genuine: ScoreArray, impostor: ScoreArray): Scores {
  for (const scores of [genuine, impostor]) {
    scores.sort().reverse()
    // NaN sorts behind everything, so that it stands in front now.
    if (Number.isNaN(scores[0])) {
      const message = 'a similarity is NaN; check the embeddings that it was made of'
      throw new EvaluateError('EVALUATE_EMBEDDING', message)
    }
  }
  return { genuine, impostor, impostors: impostor.length }
}

/** How many of the descending scores lie strictly above the threshold. */
export function countAbove(descending: ScoreArray, threshold: number): number {
  let [low, high] = [0, descending.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (descending[middle]! > threshold) low = middle + 1
    else high = middle
  }
  return low
}

/** A FAR, an FPIR. */
export function checkRate(rate: number, name: string): void {
  if (!(rate > 0 && rate < 1)) {
    throw new EvaluateError('EVALUATE_OPTION', `a ${name} lies between 0 and 1, not at ${rate}`)
  }
}
