import type { PairIntervals } from '../bootstrap/intervals.js'
import { type RocPoint, rocCurve } from '../roc/roc.js'
import { scoresOf } from '../roc/scores.js'
import { type BandPoint, lineChart, type Series } from './charts.js'
import type { NamedResult } from './verification.js'

/** FARs at which a curve's interval is worth having: ten a decade, from one impostor of so many on. */
export function farGrid(impostors: number): number[] {
  const decades = Math.log10(impostors)
  return Array.from({ length: Math.ceil(10 * decades) }, (_, i) => 10 ** (i / 10 - decades))
}

/** TAR against FAR, with the interval of the TAR at each FAR where there is one. */
export function rocChart(results: readonly NamedResult[]): string {
  const from = firstFar(results)
  return lineChart({
    x: { name: 'False accept rate (log)', log: true, min: from, max: 1 },
    y: { name: 'True accept rate', min: 0, max: 1, percent: true },
    series: results.map((one) => ({
      name: one.name,
      points: points(one, from).map(({ far, tar }) => [far, tar] as const),
      ...band(one.intervals, from, ({ low, high }) => [low, high]),
    })),
    step: true,
  })
}

/** The same with both errors on logarithmic axes, where good models can be told apart. */
export function detChart(results: readonly NamedResult[]): string {
  const from = firstFar(results)
  const lowest = Math.min(...results.map(({ result }) => 1 / count(result.same, 1)))
  const floor = 10 ** Math.floor(Math.log10(lowest) + 1e-9)
  const miss = (tar: number) => Math.max(1 - tar, floor)
  return lineChart({
    x: { name: 'False accept rate (log)', log: true, min: from, max: 1 },
    y: { name: 'False reject rate (log)', log: true, min: floor, max: 1 },
    series: results.map(
      (one): Series => ({
        name: one.name,
        points: points(one, from)
          .filter(({ tar }) => tar < 1)
          .map(({ far, tar }) => [far, miss(tar)] as const),
        ...band(one.intervals, from, ({ low, high }) => [miss(high), miss(low)]),
      }),
    ),
    step: true,
  })
}

/** The axis begins where the pairs can still tell a difference: one impostor accepted. */
function firstFar(results: readonly NamedResult[]): number {
  const first = Math.min(...results.map(({ result }) => 1 / count(result.same, 0)))
  return 10 ** Math.floor(Math.log10(first) + 1e-9)
}

const count = (same: Uint8Array, label: number) =>
  same.reduce((sum, value) => sum + Number((value === 1 ? 1 : 0) === label), 0)

/** The curve's corners; FAR 0 is drawn at the left edge. */
function points({ result }: NamedResult, from: number): RocPoint[] {
  const [zero, ...rest] = rocCurve(scoresOf(result.similarities, result.same), 1.03)
  return [{ ...zero!, far: from }, ...rest]
}

function band(
  intervals: PairIntervals | undefined,
  from: number,
  limits: (tar: { low: number; high: number }) => readonly [number, number],
): { band?: BandPoint[] } {
  if (intervals === undefined) return {}
  const places = intervals.atFar.filter(({ far }) => far >= from).toSorted((x, y) => x.far - y.far)
  return { band: places.map(({ far, tar }) => [far, ...limits(tar)] as const) }
}
