import type { Differential } from './schema.js'

// Figures of groups as a table shows them: the same words on a terminal and in a report.

/** An error rate in percent; of small ones two digits. */
export function errorPercent(rate: number): string {
  const percent = 100 * rate
  if (percent === 0 || percent >= 1) return `${percent.toFixed(percent === 0 ? 0 : 2)} %`
  const digits = 1 - Math.floor(Math.log10(percent))
  return `${percent.toFixed(Math.min(digits, 20))} %`
}

/** A rate, and where it may lie if that is known. */
export interface ShownRate {
  readonly value: number
  readonly low: number | null
  readonly high: number | null
  readonly errors: number
}

/** `0.12 % [0.05 %, 0.30 %]`; where nothing went wrong what is allowed, `0 % (at most 3.10 %)`; `–` where nothing is known, `0 % (no interval)` of one person. */
export function rateWords(rate: ShownRate | null): string {
  if (rate === null) return '–'
  const { value, low, high, errors } = rate
  if (low === null || high === null) return `${errorPercent(value)} (no interval)`
  if (errors === 0) return `0 % (at most ${errorPercent(high)})`
  return `${errorPercent(value)} [${errorPercent(low)}, ${errorPercent(high)}]`
}

/** `2.10 [1.00, 4.40]`: as it was measured, and how large it may be; a dash for what is infinite. */
export function ratioWords({ maxToMin, low, high }: Differential): string {
  if (maxToMin === null) return low > 1 ? `at least ${short(low)}` : '–'
  return `${short(maxToMin)} [${short(low)}, ${high === null ? '∞' : short(high)}]`
}

const short = (ratio: number) => (ratio < 100 ? ratio.toFixed(2) : ratio.toPrecision(3))

/** What a ratio says, in a sentence. */
export function verdictWords({ shown, low, gini }: Differential, what: string): string {
  if (gini === null) return `${what}: nothing went wrong in any group.`
  if (shown === null)
    return `${what}: no difference is shown; so few people cannot tell the groups apart.`
  return `${what}: ${shown.larger} has at least ${short(low)} times that of ${shown.smaller}.`
}
