import { drawPeople } from '../bootstrap/bootstrap.js'
import { type CountedRate, rateLimits } from '../bootstrap/rate-limits.js'
import type { GroupedPairs } from './pairs.js'
import type { GroupRate } from './schema.js'

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

/**
 * Rates with intervals over people (see `rateLimits`); null where there are no trials.
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
    const units = unitsOf(pairs, rate)
    const value = errors / trials
    const limits = rateLimits({ value, ...units }, drawn[i]!, level)
    return { value, ...limits, trials, errors, people: units.members, affected: units.affected }
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

function unitsOf(pairs: GroupedPairs, { kind, cells }: RateOf): Omit<CountedRate, 'value'> {
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
