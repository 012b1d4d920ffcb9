import { bootstrap, drawPeople, type Interval, rateLimits } from '@arcface/evaluate'

/** A mean over people, with the limits that it lies between at 95 %; none of fewer than two people. */
export interface Estimate {
  readonly value: number
  readonly interval: Interval | null
}

const LEVEL = 0.95

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/** The mean of drawn people, as `drawPeople` counts them. */
const drawnMean = (people: readonly number[]) => (draws: Float64Array) => [
  people.reduce((sum, value, i) => sum + draws[i]! * value, 0) / people.length,
]

/** The mean of one number a person, by the bootstrap over people. */
export function meanOver(people: readonly number[]): Estimate {
  const value = meanOf(people)
  if (people.length < 2) return { value, interval: null }
  const [interval] = bootstrap(people.length, drawnMean(people), { level: LEVEL })
  return { value, interval: interval! }
}

/** A rate: the mean over people of what share of the comparisons of each succeeds; its limits are those of `rateLimits`. */
export function rateOver(shares: readonly number[]): Estimate {
  const value = meanOf(shares)
  const people = shares.length
  if (people < 2) return { value, interval: null }
  const affected = shares.filter((share) => share > 0).length
  const rate = { value, members: people, units: people, independent: people, affected }
  const [drawn] = drawPeople(people, drawnMean(shares))
  return { value, interval: rateLimits(rate, drawn!, LEVEL) }
}

/** How a judge sees what was made of somebody. */
export interface Judged {
  /** Cosines with other photographs of the person. */
  readonly others: readonly number[]
  /** Cosine with the photograph whose template was stolen; null where none was. */
  readonly same: number | null
  /** Cosines with photographs of other people of these. */
  readonly strangers: readonly number[]
}

/** A judge's threshold. */
export interface Point {
  readonly far: number
  readonly threshold: number
}

export interface Success extends Point {
  /** Share of other photographs of the person that the judge takes for the same person. */
  readonly others: Estimate
  /** Share of people whose own photograph, the one whose template was stolen, it takes for the same person. */
  readonly same: Estimate | null
  /** Share of photographs of other people that it takes for the same person: chance; null where there are none. */
  readonly strangers: number | null
}

export interface Summary {
  readonly people: number
  /** The judge's cosine with other photographs of the person, and with those of other people; null where there are none. */
  readonly cosine: Estimate
  readonly strangers: number | null
  readonly success: readonly Success[]
}

/** @param judged one of each person */
export function summaryOf(judged: readonly Judged[], points: readonly Point[]): Summary {
  const same = judged.flatMap((one) => one.same ?? [])
  const strangers = judged.flatMap((one) => one.strangers)
  return {
    people: judged.length,
    cosine: meanOver(judged.map(({ others }) => meanOf(others))),
    strangers: strangers.length === 0 ? null : meanOf(strangers),
    success: points.map(({ far, threshold }) => {
      const share = (all: readonly number[]) => meanOf(all.map((one) => (one > threshold ? 1 : 0)))
      return {
        far,
        threshold,
        others: rateOver(judged.map(({ others }) => share(others))),
        same: same.length === 0 ? null : rateOver(same.map((one) => share([one]))),
        strangers: strangers.length === 0 ? null : share(strangers),
      }
    }),
  }
}
