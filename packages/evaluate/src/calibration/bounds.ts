import type { Support, Weighed } from './scores.js'

/** Natural logarithms of the smallest and the largest likelihood ratio that may be claimed. */
export interface Bounds {
  readonly low: number
  readonly high: number
}

/**
 * How far likelihood ratios are borne out: the empirical lower and upper bound of Vergeer, van Es, de Jongh, Alberink and
 * Stoel, "Numerical likelihood ratios outputted by LR systems are often based on extrapolation: When to stop
 * extrapolating?", Science & Justice 56, 2016. Who decides by a ratio t must do better than who does not look at all, even
 * if one pair more than was seen is misleading: so t is at most the share of genuine pairs that reach it, divided by the
 * share of impostor pairs that do and one more; and likewise below. That one counts as much as a couple of people, of
 * genuine pairs as much as a person, whose pairs are not independent.
 * @param llr natural logarithm of the likelihood ratio of each pair, by a fit that knew neither of its people
 */
export function boundsOf(
  llr: Float64Array,
  { same, weight }: Pick<Weighed, 'same' | 'weight'>,
  { people, couples }: Pick<Support, 'people' | 'couples'>,
): Bounds {
  const high = largest(llr, same, weight, 1, 1 / couples)
  const low = -largest(
    llr.map((value) => -value),
    same,
    weight,
    0,
    1 / people,
  )
  return { low, high }
}

/** The largest ratio in favour of a kind of pair; `one` is what a misleading pair counts. At least 0. */
function largest(
  llr: Float64Array,
  same: Uint8Array,
  weight: Float64Array,
  kind: 0 | 1,
  one: number,
): number {
  const order = Uint32Array.from(llr.keys()).sort((p, q) => llr[p]! - llr[q]!)
  let [right, wrong] = [1, 1 + one]
  let reached = 0
  for (let i = 0; i < order.length; ) {
    // The ratios up to this one are reached by the pairs from here on.
    const ratio = llr[order[i]!]!
    const most = Math.log(Math.max(0, right) / wrong) // what rounding left of nothing may be below 0
    if (ratio > 0) {
      if (most < ratio) return Math.max(reached, most)
      reached = ratio
    }
    for (; i < order.length && llr[order[i]!] === ratio; i++) {
      const p = order[i]!
      if (same[p] === kind) right -= weight[p]!
      else wrong -= weight[p]!
    }
  }
  return reached
}
