import { Random } from '@arcface/vision'
import { EvaluateError } from '../errors.js'

export interface BootstrapOptions {
  /** Default 1000. */
  readonly replicates?: number
  /** Share of the replicates within the interval. Default 0.95. */
  readonly level?: number
  /** The same seed gives the same intervals. Default 0. */
  readonly seed?: number
}

export interface DrawOptions extends Pick<BootstrapOptions, 'replicates' | 'seed'> {
  /** Of each person a number: of each number as many people are drawn as there are. Default: all are one stratum. */
  readonly strata?: Int32Array
}

/** Between them lies the figure at the level asked for. */
export interface Interval {
  readonly low: number
  readonly high: number
}

/**
 * Percentile intervals by bootstrap over identities (Efron's percentile method; Bolle, Ratha and
 * Pankanti, "Error analysis of pattern recognition systems - the subsets bootstrap", 2004): people are
 * drawn with replacement, as many as there are, with all that belongs to them. Pairs of one person
 * are not independent, so an interval over pairs would be too narrow.
 *
 * @param identities how many people
 * @param statistics figures for numbers of draws, one number a person; NaN where a draw does not give
 *   one. Called once a replicate; the array is used again
 * @throws EvaluateError EVALUATE_OPTION; EVALUATE_IDENTITY where there are fewer than 2 people, or a
 *   figure is NaN in more than half of the replicates
 */
export function bootstrap(
  identities: number,
  statistics: (draws: Float64Array) => readonly number[],
  { level = 0.95, ...options }: BootstrapOptions = {},
): Interval[] {
  checkLevel(level)
  return drawPeople(identities, statistics, options).map((all) =>
    percentiles(all, level, identities),
  )
}

/** @throws EvaluateError EVALUATE_OPTION */
export function checkLevel(level: number): void {
  if (!(level > 0 && level < 1))
    throw new EvaluateError('EVALUATE_OPTION', `a level lies between 0 and 1, not at ${level}`)
}

/** What `measure` gives with intervals over people; null where people are too few for them. */
export function whereEnoughPeople<T>(measure: () => T): T | null {
  try {
    return measure()
  } catch (error) {
    if (error instanceof EvaluateError && error.code === 'EVALUATE_IDENTITY') return null
    throw error
  }
}

/**
 * Each figure for every draw of people, as `bootstrap` takes the intervals of.
 * @throws EvaluateError EVALUATE_OPTION; EVALUATE_IDENTITY where there are fewer than 2 people
 */
export function drawPeople(
  identities: number,
  statistics: (draws: Float64Array) => readonly number[],
  { replicates = 1000, seed = 0, strata }: DrawOptions = {},
): Float64Array[] {
  if (!Number.isInteger(replicates) || replicates < 2) {
    throw new EvaluateError(
      'EVALUATE_OPTION',
      `a bootstrap takes 2 replicates or more, not ${replicates}`,
    )
  }
  if (identities < 2) {
    const message = `an interval over people takes at least 2 of them, but there are ${identities}`
    throw new EvaluateError('EVALUATE_IDENTITY', message)
  }
  const everybody = Int32Array.from({ length: identities }, (_, person) => person)
  const parts = strata
    ? [...new Set(strata)].map((one) => everybody.filter((person) => strata[person] === one))
    : [everybody]
  const values: Float64Array[] = []
  const draws = new Float64Array(identities)
  for (let replicate = 0; replicate < replicates; replicate++) {
    const random = new Random(seed, replicate)
    draws.fill(0)
    for (const people of parts)
      for (let i = 0; i < people.length; i++) draws[people[random.below(people.length)]!]!++
    for (const [figure, value] of statistics(draws).entries()) {
      values[figure] ??= new Float64Array(replicates)
      values[figure][replicate] = value
    }
  }
  return values
}

function percentiles(all: Float64Array, level: number, identities: number): Interval {
  const known = all.filter((value) => !Number.isNaN(value)).sort()
  if (2 * known.length < all.length) {
    throw new EvaluateError(
      'EVALUATE_IDENTITY',
      `with ${identities} people most draws lack genuine or impostor pairs; an interval takes more people`,
    )
  }
  return { low: quantile(known, (1 - level) / 2), high: quantile(known, (1 + level) / 2) }
}

/** Between neighbours in proportion, as numpy.quantile does by default. */
export function quantile(ascending: Float64Array, share: number): number {
  const place = share * (ascending.length - 1)
  const below = Math.floor(place)
  const [low, high] = [ascending[below]!, ascending[Math.ceil(place)]!]
  // Apart, because the difference of equal infinities is no number.
  return low === high ? low : low + (place - below) * (high - low)
}
