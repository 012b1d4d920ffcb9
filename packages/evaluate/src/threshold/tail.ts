import type { Tail } from '@arcface/vision'
import type { ScoreArray } from '../roc/scores.js'

/** Fewer excesses say too little of their distribution. */
const FEWEST = 20

/**
 * Peaks over threshold: a generalised Pareto distribution for the excesses over a high level, by probability-weighted
 * moments (Hosking and Wallis 1987, equation 6). The level lets the share 2 / sqrt(pairs) of the scores pass, a tenth at most:
 * many enough to fit, few enough to be a tail. A cosine ends at 1, so the shape is at most 0, the exponential, which
 * errs on the side of a higher threshold.
 * @param descending the largest scores of impostor pairs, not fewer than that
 * @param pairs how many impostor pairs there were
 * @param weights what each score counts of all pairs, which count 1 together
 * @returns undefined where there are too few pairs, or all excesses are 0
 */
export function fitTail(
  descending: ScoreArray,
  pairs: number,
  weights: Float64Array = new Float64Array(descending.length).fill(1 / pairs),
): Tail | undefined {
  const wanted = Math.min(2 / Math.sqrt(pairs), 1 / 10)
  let [count, rate] = [0, 0]
  // Half a pair, so that rounding decides nothing.
  while (count < descending.length && rate + weights[count]! / 2 <= wanted)
    rate += weights[count++]!
  if (count < FEWEST || count >= descending.length) return undefined
  const level = descending[count]!
  let [mean, weighted, larger] = [0, 0, 0]
  for (let i = 0; i < count; i++) {
    const [excess, weight] = [descending[i]! - level, weights[i]!]
    mean += (excess * weight) / rate
    // The share of the others that are larger: the estimate of 1 - F.
    weighted += ((excess * weight) / rate) * (larger / (rate - weight))
    larger += weight
  }
  if (!(mean > 0)) return undefined
  const shape = Math.min(0, Math.max(-1, 2 - mean / (mean - 2 * weighted)))
  return { level, rate, shape, scale: mean * (1 - shape) }
}
