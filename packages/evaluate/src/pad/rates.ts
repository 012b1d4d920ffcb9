import { type BootstrapOptions, drawPeople } from '../bootstrap/bootstrap.js'
import { rateLimits } from '../bootstrap/rate-limits.js'
import { EvaluateError } from '../errors.js'
import type { Answers, Bound, Wrong } from './answers.js'
import type { PadRate } from './result.js'

/** A share to be known, and its bound for every draw of people. */
export interface Figure {
  readonly answers: Answers
  readonly wrong: Wrong
  readonly bound: (draws: Float64Array) => Bound
}

/** Rates of figures, in their order; null of one of no presentation. */
export type RatesOf = (figures: readonly Figure[]) => (PadRate | null)[]

/**
 * Rates with intervals over so many people (see `rateLimits`); of one person without.
 * @throws EvaluateError EVALUATE_OPTION
 */
export function drawnRates(
  count: number,
  { level, ...options }: Required<BootstrapOptions>,
): RatesOf {
  if (!(level > 0 && level < 1))
    throw new EvaluateError('EVALUATE_OPTION', `a level lies between 0 and 1, not at ${level}`)
  const once = new Float64Array(count).fill(1)
  return (figures) => {
    const rates = (draws: Float64Array) =>
      figures.map(({ answers, wrong, bound }) => answers.rate(wrong, bound(draws), draws))
    const drawn = count < 2 ? undefined : drawPeople(count, rates, options)
    return figures.map(({ answers, wrong, bound }, i) => {
      if (answers.length === 0) return null
      const { errors, affected, members } = answers.count(wrong, bound(once))
      const value = errors / answers.length
      const units = { members, units: members, independent: members, affected }
      const limits = drawn
        ? rateLimits({ value, ...units }, drawn[i]!, level)
        : { low: null, high: null }
      return { value, ...limits, presentations: answers.length, errors, people: members, affected }
    })
  }
}
