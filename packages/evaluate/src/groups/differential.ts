import { normalQuantile } from '../bootstrap/statistics.js'
import type { Differential, GroupFigures, GroupRate } from './schema.js'

type Rates = Pick<GroupFigures, 'name' | 'fmr' | 'fnmr'>

/** A group whose rate is known. */
interface Known {
  readonly name: string
  readonly rate: GroupRate
}

/**
 * How a rate differs among the groups, by NIST's measures (Grother, NISTIR 8280 and 8429): the largest by the smallest,
 * the largest by the geometric mean, and the Gini coefficient, n / (n - 1) times it so that few groups reach 1 too
 * (Deltas 2003). Limits of the ratio of two rates are made of those of the rates on a logarithmic scale (Donner and Zou
 * 2012), and widened so that they hold for all couples of groups at once (Bonferroni): the largest and the smallest of many
 * differ by chance alone.
 * @returns null where fewer than two groups have the rate
 */
export function differentialOf(
  groups: readonly Rates[],
  kind: 'fmr' | 'fnmr',
  level: number,
): Differential | null {
  const known = groups.flatMap((group): Known[] => {
    const rate = group[kind]
    return rate === null ? [] : [{ name: group.name, rate }]
  })
  if (known.length < 2) return null
  const values = known.map(({ rate }) => rate.value)
  const [max, min] = [Math.max(...values), Math.min(...values)]
  return {
    groups: known.length,
    largest: known[values.indexOf(max)]!.name,
    smallest: known[values.lastIndexOf(min)]!.name,
    maxToMin: min === 0 ? null : max / min,
    ...limitsOf(known, level),
    maxToGeometricMean: min === 0 ? null : max / geometricMean(values),
    gini: gini(values),
  }
}

/** The largest lower and the largest upper limit of all ratios: between them the largest ratio lies. */
function limitsOf(
  known: readonly Known[],
  level: number,
): Pick<Differential, 'low' | 'high' | 'shown'> {
  const tail = (1 - level) / 2
  const couples = (known.length * (known.length - 1)) / 2
  const wider = normalQuantile(tail / couples) / normalQuantile(tail)
  let [low, high]: [number, number] = [1, 1]
  let shown: Differential['shown'] = null
  for (const a of known)
    for (const b of known) {
      if (a === b) continue
      const ratio = ratioLimits(a.rate, b.rate, wider)
      high = Math.max(high, ratio.high)
      if (ratio.low <= low) continue
      low = ratio.low
      shown = { larger: a.name, smaller: b.name }
    }
  return { low, high: Number.isFinite(high) ? high : null, shown }
}

/** Of a / b; `wider` is by how much the limits lie farther away than those of one ratio, on the logarithmic scale. */
function ratioLimits(
  a: GroupRate,
  b: GroupRate,
  wider: number,
): { readonly low: number; readonly high: number } {
  // Of a rate of 0 no more is known than its upper limit.
  const farther = ({ value, high }: GroupRate) =>
    value === 0 ? Math.min(1, high * wider) : value * (high / value) ** wider
  if (a.value === 0 && b.value === 0) return { low: 0, high: Number.POSITIVE_INFINITY }
  if (b.value === 0)
    return {
      low: (a.value * (a.low / a.value) ** wider) / farther(b),
      high: Number.POSITIVE_INFINITY,
    }
  if (a.value === 0)
    return {
      low: 0,
      high:
        b.low === 0
          ? Number.POSITIVE_INFINITY
          : farther(a) / (b.value * (b.low / b.value) ** wider),
    }
  const [la, lb] = [Math.log(a.value), Math.log(b.value)]
  const down = wider * Math.hypot(la - Math.log(a.low), Math.log(b.high) - lb)
  const up = wider * Math.hypot(Math.log(a.high) - la, lb - Math.log(b.low))
  return { low: Math.exp(la - lb - down), high: Math.exp(la - lb + up) }
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
const spread = (groups: readonly Rates[], kind: 'fmr' | 'fnmr'): number => {
  const values = groups.flatMap((group) => group[kind]?.value ?? [])
  return Math.max(...values) - Math.min(...values)
}

/**
 * Both errors in one figure, each counting half: the fairness discrepancy rate (Pereira and Marcel 2020, arXiv
 * 2011.02395), 1 where no group differs, and GARBE (Howard et al. 2022, arXiv 2203.05051), 0 there.
 * @param fmr of the groups, and fnmr
 */
export function bothErrors(
  groups: readonly Rates[],
  fmr: Differential | null,
  fnmr: Differential | null,
): { fdr: number | null; garbe: number | null } {
  if (fmr === null || fnmr === null) return { fdr: null, garbe: null }
  const fdr = 1 - (spread(groups, 'fmr') + spread(groups, 'fnmr')) / 2
  const garbe = fmr.gini === null || fnmr.gini === null ? null : (fmr.gini + fnmr.gini) / 2
  return { fdr, garbe }
}
