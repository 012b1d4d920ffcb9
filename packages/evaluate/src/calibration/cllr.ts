import type { Weighed } from './scores.js'

/** ln(1 + e^x), without overflow. */
export const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))

/** What a pair's logarithmic likelihood ratio costs, in bits: 1 where it says nothing (0). */
export const costOf = (llr: number, same: number): number =>
  softplus(same === 1 ? -llr : llr) / Math.LN2

/**
 * Cost of the log-likelihood-ratio (Brümmer and du Preez, "Application-independent evaluation of speaker detection",
 * Computer Speech and Language 20, 2006, equation 15), in bits: the mean cost of genuine pairs and that of impostor pairs,
 * averaged. Low only where the ratios tell people apart and mean what they say, whatever the prior.
 * @param llr natural logarithm of the likelihood ratio of each pair
 */
export function cllrOf(llr: Float64Array, { same, weight }: Pick<Weighed, 'same' | 'weight'>) {
  let sum = 0
  for (const [p, label] of same.entries()) sum += weight[p]! * costOf(llr[p]!, label)
  return sum / 2
}
