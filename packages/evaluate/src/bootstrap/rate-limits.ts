import { type Interval, quantile } from './bootstrap.js'
import { binomialLimits, normalQuantile, normalShare, studentQuantile } from './statistics.js'

/** A share of trials that went wrong, and whose trials they were. */
export interface CountedRate {
  /** errors / trials */
  readonly value: number
  /** People who were tried. */
  readonly members: number
  /** People, or couples of people, who were tried, and how many with an error. */
  readonly units: number
  readonly affected: number
  /** How many of the units are independent of each other. */
  readonly independent: number
}

/** With more errors than this the bootstrap alone says how far a rate may be off. */
const MANY_ERRORS = 200

/**
 * Where a rate may lie: percentiles over draws of people (see `accelerated`), and not within those of Clopper and Pearson
 * for as many people, or couples of people, with an error as there are: so few errors tell the bootstrap too little of what
 * was not drawn. Where nothing went wrong, the upper limit is that of none among so many people, not trials: one person who
 * errs in many is one (of couples it holds as long as nobody errs with more than half of all).
 * @param drawn the rate in every draw of people; NaN where a draw has no trials
 */
export function rateLimits(
  { value, members, units, affected, independent }: CountedRate,
  drawn: Float64Array,
  level: number,
): Interval {
  // A draw may leave a small cell without trials.
  const values = Float64Array.of(value, ...drawn.filter((one) => !Number.isNaN(one))).sort()
  if (affected === 0) {
    // Of a threshold that is found anew in each draw, draws may err where all together do not.
    const most = quantile(values, (1 + level) / 2)
    return { low: 0, high: Math.max(most, binomialLimits(0, independent, level).high) }
  }
  const few = affected <= MANY_ERRORS ? binomialLimits(affected, units, level) : undefined
  // As a rate of trials: people with an error may have it in some of their trials.
  const scale = (value * units) / affected
  const at = (share: number) => quantile(values, accelerated(values, value, share, members))
  const low = Math.min(at((1 - level) / 2), few ? scale * few.low : 1)
  const high = Math.max(at((1 + level) / 2), few ? scale * few.high : 0)
  return { low: Math.max(0, low), high: Math.min(1, high) }
}

/**
 * Where among the drawn values a limit lies that so large a share of them would lie below, were they normal: corrected
 * for bias and skewness (Efron 1987; the acceleration of a mean is a sixth of the skewness of its draws), and for n people
 * Student's t instead of the normal distribution (Hesterberg 2015).
 */
function accelerated(ascending: Float64Array, value: number, share: number, n: number): number {
  const count = ascending.length
  let [below, mean] = [0, 0]
  for (const one of ascending) {
    below += one < value ? 1 : one === value ? 0.5 : 0
    mean += one / count
  }
  let [squares, cubes] = [0, 0]
  for (const one of ascending) {
    squares += (one - mean) ** 2 / count
    cubes += (one - mean) ** 3 / count
  }
  if (squares === 0) return 0.5
  const acceleration = cubes / squares ** 1.5 / 6
  const bias = normalQuantile(below / count)
  const z = n > 3 ? Math.sqrt(n / (n - 1)) * studentQuantile(share, n - 1) : share < 0.5 ? -12 : 12
  const shifted = bias + z
  // A denominator that changes its sign stands for all of the tail.
  const denominator = 1 - acceleration * shifted
  return denominator > 0 ? normalShare(bias + shifted / denominator) : shifted > 0 ? 1 : 0
}
