import type { Differential, GroupFigures, GroupRate } from './schema.js'
import { normalQuantile } from './statistics.js'

/** A group whose rate is known. */
interface Known {
  readonly name: string
  readonly rate: GroupRate
}

/**
 * How a rate differs among the groups, by NIST's measures (Grother, NISTIR 8280 and 8429): the largest by the smallest,
 * the largest by the geometric mean, and the Gini coefficient, n / (n - 1) times it so that few groups reach 1 too
 * (Deltas 2003). The interval of the ratio is made of those of the rates on a logarithmic scale (Donner and Zou 2012), and
 * widened so that it holds for all couples of groups at once (Bonferroni): the largest and the smallest of many differ by
 * chance alone.
 * @returns null where fewer than two groups have the rate
 */
export function differentialOf(
  groups: readonly GroupFigures[],
  kind: 'fmr' | 'fnmr',
  level: number,
): Differential | null {
  const known = groups.flatMap((group): Known[] => {
    const rate = group[kind]
    return rate === null ? [] : [{ name: group.name, rate }]
  })
  if (known.length < 2) return null
  const [largest, smallest] = worst(known)
  const values = known.map(({ rate }) => rate.value)
  const [max, min] = [largest.rate.value, smallest.rate.value]
  return {
    groups: known.length,
    largest: largest.name,
    smallest: smallest.name,
    maxToMin: min === 0 ? null : max / min,
    ...ratioLimits(largest.rate, smallest.rate, (known.length * (known.length - 1)) / 2, level),
    maxToGeometricMean: min === 0 ? null : max / geometricMean(values),
    gini: gini(values),
  }
}

/** The groups of the largest and of the smallest rate; of equal ones those that allow the most to be said. */
function worst(known: readonly Known[]): readonly [Known, Known] {
  const largest = known.reduce((a, b) =>
    b.rate.value > a.rate.value || (b.rate.value === a.rate.value && b.rate.low > a.rate.low)
      ? b
      : a,
  )
  const smallest = known
    .filter((one) => one !== largest)
    .reduce((a, b) =>
      b.rate.value < a.rate.value || (b.rate.value === a.rate.value && b.rate.high < a.rate.high)
        ? b
        : a,
    )
  return [largest, smallest]
}

/** Of a / b, for so many ratios at once. */
function ratioLimits(
  a: GroupRate,
  b: GroupRate,
  ratios: number,
  level: number,
): { low: number; high: number | null } {
  const tail = (1 - level) / 2
  const wider = normalQuantile(tail / ratios) / normalQuantile(tail)
  if (a.value === 0) return { low: 0, high: null }
  const [la, lb] = [Math.log(a.value), Math.log(b.value)]
  // Where the smaller rate is 0, all that is known of it is its upper limit.
  if (b.value === 0) {
    const low = Math.exp(la - wider * (la - Math.log(a.low))) / Math.min(1, b.high * wider)
    return { low: a.low === 0 ? 0 : low, high: null }
  }
  const down = wider * Math.hypot(la - Math.log(a.low), Math.log(b.high) - lb)
  const up = wider * Math.hypot(Math.log(a.high) - la, lb - Math.log(b.low))
  return {
    low: Math.exp(la - lb - down),
    high: Number.isFinite(up) ? Math.exp(la - lb + up) : null,
  }
}

export const geometricMean = (values: readonly number[]): number =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length)

/** n / (n - 1) times the Gini coefficient; null where all are 0. */
export function gini(values: readonly number[]): number | null {
  const n = values.length
  const sum = values.reduce((all, value) => all + value, 0)
  if (sum === 0) return null
  let differences = 0
  for (const x of values) for (const y of values) differences += Math.abs(x - y)
  return differences / (2 * n * sum) / (1 - 1 / n)
}

/** The largest difference between two groups. */
const spread = (groups: readonly GroupFigures[], kind: 'fmr' | 'fnmr'): number => {
  const values = groups.flatMap((group) => group[kind]?.value ?? [])
  return Math.max(...values) - Math.min(...values)
}

/**
 * Both errors in one figure, each counting half: the fairness discrepancy rate (Pereira and Marcel 2020, arXiv
 * 2011.02395), 1 where no group differs, and GARBE (Howard et al. 2022, arXiv 2203.05051), 0 there.
 * @param fmr of the groups, and fnmr
 */
export function bothErrors(
  groups: readonly GroupFigures[],
  fmr: Differential | null,
  fnmr: Differential | null,
): { fdr: number | null; garbe: number | null } {
  if (fmr === null || fnmr === null) return { fdr: null, garbe: null }
  const fdr = 1 - (spread(groups, 'fmr') + spread(groups, 'fnmr')) / 2
  const garbe = fmr.gini === null || fnmr.gini === null ? null : (fmr.gini + fnmr.gini) / 2
  return { fdr, garbe }
}
