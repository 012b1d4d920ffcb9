import type { Differential, GroupRate } from './schema.js'

// Figures of groups as a table shows them: the same words on a terminal and in a report.

/** An error rate in percent; of small ones two digits. */
export function errorPercent(rate: number): string {
  const percent = 100 * rate
  if (percent === 0 || percent >= 1) return `${percent.toFixed(percent === 0 ? 0 : 2)} %`
  const digits = 1 - Math.floor(Math.log10(percent))
  return `${percent.toFixed(Math.min(digits, 20))} %`
}

/** `0.12 % [0.05 %, 0.30 %]`; where nothing went wrong what is allowed, `0 % (at most 3.10 %)`; `–` where nothing is known. */
export function rateWords(rate: GroupRate | null): string {
  if (rate === null) return '–'
  const { value, low, high, errors } = rate
  if (errors === 0) return `0 % (at most ${errorPercent(high)})`
  return `${errorPercent(value)} [${errorPercent(low)}, ${errorPercent(high)}]`
}

/** `2.10 [0.90, 4.40]`; of a group without errors only how large the ratio is at least. */
export function ratioWords({ maxToMin, low, high }: Differential): string {
  if (maxToMin === null) return low > 0 ? `at least ${low.toPrecision(2)}` : '–'
  const limits = `${short(low)}, ${high === null ? '∞' : short(high)}`
  return `${short(maxToMin)} [${limits}]`
}

const short = (ratio: number) => (ratio < 100 ? ratio.toFixed(2) : ratio.toPrecision(3))

/** Whether chance alone does not make rates so different. */
export const isShown = ({ low }: Differential): boolean => low > 1

/** What a ratio says, in a sentence. */
export function verdictWords(differential: Differential, what: string): string {
  const { largest, smallest, low, maxToMin, groups } = differential
  if (maxToMin === null && low === 0) return `${what}: nothing went wrong in any group.`
  if (!isShown(differential))
    return `${what}: no difference is shown${groups > 2 ? ` among the ${groups} groups` : ''}; so few people cannot tell ${largest} from ${smallest}.`
  return `${what}: ${largest} has at least ${short(low)} times that of ${smallest}.`
}
