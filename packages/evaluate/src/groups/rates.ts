import { drawPeople, quantile } from '../bootstrap/bootstrap.js'
import type { GroupedPairs } from './pairs.js'
import type { GroupRate } from './schema.js'
import { binomialLimits, normalQuantile, normalShare, studentQuantile } from './statistics.js'

/** An error rate over the pairs of some cells. */
export interface RateOf {
  readonly kind: 'fmr' | 'fnmr'
  readonly cells: readonly number[]
}

export interface RateOptions {
  readonly level: number
  readonly replicates: number
  readonly seed: number
  /** See `drawPeople`. */
  readonly strata: Int32Array
}

/** With more errors than this the bootstrap alone says how far a rate may be off. */
const MANY_ERRORS = 200

/**
 * Rates with intervals; null where there are no trials.
 *
 * Limits are percentiles over draws of people (see `accelerated`), and not within those of Clopper and Pearson for as many
 * people, or couples of people, with an error as there are: so few errors tell the bootstrap too little of what was not
 * drawn. Where nothing went wrong, the upper limit is that of none among so many people, not pairs: one person who is taken
 * for many is one, however many pairs he is in (of impostors it holds as long as nobody is taken for more than half of all).
 * @throws EvaluateError EVALUATE_OPTION; EVALUATE_IDENTITY where there are fewer than two people
 */
export function ratesOf(
  pairs: GroupedPairs,
  rates: readonly RateOf[],
  { level, ...options }: RateOptions,
): (GroupRate | null)[] {
  const people = options.strata.length
  const once = new Float64Array(people).fill(1)
  const point = sums(pairs, rates, once)
  const drawn = drawPeople(
    people,
    (draws) => sums(pairs, rates, draws).map(({ errors, trials }) => errors / trials),
    options,
  )
  return rates.map((rate, i) => {
    const { trials, errors } = point[i]!
    if (trials === 0) return null
    const { affected, units, independent, members } = unitsOf(pairs, rate)
    const value = errors / trials
    const known = { value, trials, errors, people: members, affected }
    if (errors === 0) return { ...known, low: 0, high: binomialLimits(0, independent, level).high }
    // A draw may leave a small cell without pairs.
    const values = Float64Array.of(value, ...drawn[i]!.filter((one) => !Number.isNaN(one))).sort()
    const few = affected <= MANY_ERRORS ? binomialLimits(affected, units, level) : undefined
    // As a rate of pairs: people with an error may have it in some of their pairs.
    const scale = (value * units) / affected
    const at = (share: number) => quantile(values, accelerated(values, value, share, members))
    const low = Math.min(at((1 - level) / 2), few ? scale * few.low : 1)
    const high = Math.max(at((1 + level) / 2), few ? scale * few.high : 0)
    return { ...known, low: Math.max(0, low), high: Math.min(1, high) }
  })
}

function sums(
  pairs: GroupedPairs,
  rates: readonly RateOf[],
  weights: Float64Array,
): { trials: number; errors: number }[] {
  const counts = { fnmr: pairs.ofGenuine(weights), fmr: pairs.ofImpostors(weights) }
  return rates.map(({ kind, cells }) => {
    let [trials, errors] = [0, 0]
    for (const cell of cells) {
      trials += counts[kind].trials[cell]!
      errors += counts[kind].errors[cell]!
    }
    return { trials, errors }
  })
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

interface Units {
  /** People who were compared. */
  readonly members: number
  /** People, or couples of people, who were compared, and how many with an error. */
  readonly units: number
  readonly affected: number
  /** How many of the units are independent of each other. */
  readonly independent: number
}

function unitsOf(pairs: GroupedPairs, { kind, cells }: RateOf): Units {
  const entries = (kind === 'fnmr' ? pairs.genuine : pairs.impostor).filter(({ cell }) =>
    cells.includes(cell),
  )
  const name = ({ a, b }: { a: number; b: number }) => `${a} ${b}`
  const affected = new Set(entries.filter(({ errors }) => errors > 0).map(name)).size
  if (kind === 'fnmr') {
    const members = new Set(entries.map(name)).size
    return { members, units: members, affected, independent: members }
  }
  const members = new Set<number>()
  let [units, independent] = [0, 0]
  const of = pairs.members()
  for (const cell of cells) {
    const { people, couples, independent: own } = of(cell)
    for (const person of people) members.add(person)
    units += couples
    independent = Math.max(independent, own)
  }
  return { members: members.size, units, affected, independent }
}
