import {
  type BootstrapOptions,
  checkLevel,
  drawPeople,
  type Interval,
} from '../bootstrap/bootstrap.js'
import { rateLimits } from '../bootstrap/rate-limits.js'
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
  checkLevel(level)
  const once = new Float64Array(count).fill(1)
  return (figures) => {
    const rates = (draws: Float64Array) =>
      figures.map(({ answers, wrong, bound }) => answers.rate(wrong, bound(draws), draws))
    const drawn = count < 2 ? undefined : drawPeople(count, rates, options)
    return figures.map(({ answers, wrong, bound }, i) => {
      if (answers.length === 0) return null
      const decided = bound(once)
      const { errors, affected, members } = answers.count(wrong, decided)
      const limits = drawn && limitsOf(figures[i]!, decided, drawn[i]!, level)
      return {
        value: errors / answers.length,
        low: limits?.low ?? null,
        high: limits?.high ?? null,
        presentations: answers.length,
        errors,
        people: members,
        affected,
      }
    })
  }
}

/** By whichever outcome is the rarer one: it is the one that few people may have. */
function limitsOf(
  { answers, wrong }: Figure,
  bound: Bound,
  drawn: Float64Array,
  level: number,
): Interval {
  const { errors, members } = answers.count(wrong, bound)
  const of = (outcome: Wrong, value: number, values: Float64Array) => {
    const { affected } = answers.count(outcome, bound)
    const units = { members, units: members, independent: members, affected }
    return rateLimits({ value, ...units }, values, level)
  }
  const value = errors / answers.length
  if (value <= 0.5) return of(wrong, value, drawn)
  const right = wrong === 'accepted' ? 'refused' : 'accepted'
  const { low, high } = of(
    right,
    1 - value,
    drawn.map((one) => 1 - one),
  )
  return { low: 1 - high, high: 1 - low }
}
