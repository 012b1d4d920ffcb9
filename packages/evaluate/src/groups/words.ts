import type { Differential } from './schema.js'

// How groups differ, as a table shows it: the same words on a terminal and in a report.

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
