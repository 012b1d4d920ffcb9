import type { PairIntervals } from '../bootstrap/intervals.js'
import { type RocPoint, rocCurve } from '../roc/roc.js'
import { scoresOf } from '../roc/scores.js'
import { rateFrom, shareAxis } from './axes.js'
import { type BandPoint, lineChart, type Series } from './charts.js'
import { type Html, html } from './html.js'
import type { NamedResult } from './scored.js'

/** What the axes of a curve are called. */
export interface CurveNames {
  readonly far: string
  readonly tar: string
  /** 1 - tar */
  readonly missed: string
}

const VERIFICATION: CurveNames = {
  far: 'False accept rate',
  tar: 'True accept rate',
  missed: 'False reject rate',
}

/** What the curves take of a result. */
type Curve = Pick<NamedResult, 'name' | 'intervals'> & {
  readonly result: Pick<NamedResult['result'], 'similarities' | 'same'>
}

/** TAR against FAR, with the interval of the TAR at each FAR where there is one. */
export function rocChart(results: readonly Curve[], names: CurveNames = VERIFICATION): Html {
  const from = firstFar(results)
  const series = results.map((one) => ({
    name: one.name,
    points: points(one, from).map(({ far, tar }) => [far, tar] as const),
    ...band(one.intervals, from, ({ low, high }) => [low, high]),
  }))
  return lineChart({
    x: { name: `${names.far} (log)`, log: true, min: from, max: 1 },
    y: { name: names.tar, ...shareAxis(lowestOf(series)), percent: true },
    series,
    step: true,
  })
}

/** The same with both errors on logarithmic axes, where good models can be told apart; words where there is no error. */
export function detChart(results: readonly Curve[], names: CurveNames = VERIFICATION): Html {
  const from = firstFar(results)
  // Half of what one missed pair tells, so that one stands above the axis.
  const floor = rateFrom(results.map(({ result }) => count(result.same, 1))) / 2
  const miss = (tar: number) => Math.max(1 - tar, floor)
  const series = results.map(
    (one): Series => ({
      name: one.name,
      points: points(one, from)
        .filter(({ tar }) => tar < 1)
        .map(({ far, tar }) => [far, miss(tar)] as const),
      ...band(one.intervals, from, ({ low, high }) => [miss(high), miss(low)]),
    }),
  )
  if (series.every(({ points }) => points.length === 0))
    return html`<p>Nothing to draw: at no rate is anybody missed.</p>`
  return lineChart({
    x: { name: `${names.far} (log)`, log: true, min: from, max: 1 },
    y: { name: `${names.missed} (log)`, log: true, min: floor, max: 1 },
    series,
    step: true,
  })
}

/** The smallest y that is shown. */
export const lowestOf = (series: readonly Pick<Series, 'points' | 'band'>[]): number =>
  Math.min(
    1,
    ...series.flatMap(({ points, band = [] }) => [
      ...points.map(([, y]) => y),
      ...band.map(([, low]) => low),
    ]),
  )

/** The axis begins where the pairs can still tell a difference: one impostor accepted. */
const firstFar = (results: readonly Curve[]): number =>
  rateFrom(results.map(({ result }) => count(result.same, 0)))

const count = (same: Uint8Array, label: number) =>
  same.reduce((sum, value) => sum + Number((value === 1 ? 1 : 0) === label), 0)

/** The curve's corners, some 80 a decade. */
export const curvePoints = ({ similarities, same }: Curve['result']): RocPoint[] =>
  rocCurve(scoresOf(similarities, same), 1.03)

/** FAR 0 is drawn at the left edge. */
function points({ result }: Curve, from: number): RocPoint[] {
  const [zero, ...rest] = curvePoints(result)
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
