import { type Axis, axis, chartColors, draw, LEFT, RIGHT, WIDTH } from './frame.js'
import type { Html } from './html.js'
import { inRows, type Mark, markSeries } from './marks.js'

/** x, and the lower and the upper limit there. */
export type BandPoint = readonly [number, number, number]

export interface Series {
  readonly name: string
  /** x and y, in the order in which they are joined. */
  readonly points: readonly (readonly [number, number])[]
  /** Shaded behind the line, x ascending. */
  readonly band?: readonly BandPoint[]
  /** Left out, the next of `chartColors`. */
  readonly color?: string
  /** Lengths of strokes and gaps in pixels; a whole line if left out. */
  readonly dash?: readonly number[]
}

export interface LineChartSpec {
  readonly x: Axis
  readonly y: Axis
  readonly series: readonly Series[]
  /** Joins points by stairs, for curves that jump. */
  readonly step?: boolean
  /** Pixels; the page may scale it. Defaults 720 and 360. */
  readonly width?: number
  readonly height?: number
}

export interface HistogramSpec {
  readonly x: Axis
  readonly y: Axis
  /** Bins of equal width between them. */
  readonly from: number
  readonly to: number
  /** Heights of the bins; all series of one length. */
  readonly series: readonly { readonly name: string; readonly heights: readonly number[] }[]
  /** Those outside of the axis are left out. */
  readonly marks?: readonly Mark[]
  readonly width?: number
  readonly height?: number
}

/** A line chart as SVG, to be placed in a page or written into a file. */
export function lineChart(spec: LineChartSpec): Html {
  const color = (i: number) => spec.series[i]!.color ?? chartColors[i % chartColors.length]!
  return draw(
    spec,
    spec.series.map(({ name, dash }, i) => ({
      name,
      color: color(i),
      line: dash ? { dash } : {},
    })),
    0,
    {
      xAxis: axis(spec.x, 'horizontal'),
      yAxis: axis(spec.y, 'vertical'),
      series: [
        ...spec.series.map((series, i) => ({
          type: 'line',
          name: series.name,
          data: series.points,
          color: color(i),
          showSymbol: series.points.length <= 20,
          symbol: 'circle',
          symbolSize: 5,
          lineStyle: { width: 2, ...(series.dash && { type: series.dash }) },
          ...(spec.step && { step: 'end' }),
        })),
        ...spec.series.flatMap(({ band }, i) =>
          band && band.length > 1 ? [shade(band, color(i))] : [],
        ),
      ],
    },
  )
}

/** A band as one polygon: along the upper limits and back along the lower ones. */
function shade(band: readonly BandPoint[], fill: string) {
  const outline = [
    ...band.map(([x, , high]) => [x, high]),
    ...band.toReversed().map(([x, low]) => [x, low]),
  ]
  return {
    type: 'custom',
    silent: true,
    clip: true,
    z: 1,
    data: [outline[0]],
    renderItem: (_: unknown, api: { coord(point: number[]): number[] }) => ({
      type: 'polygon',
      shape: { points: outline.map((point) => api.coord(point)) },
      style: { fill, opacity: 0.18 },
    }),
  }
}

/** Histograms of several groups, one over the other, as SVG. */
export function histogramChart(spec: HistogramSpec): Html {
  const { from, to } = spec
  const width = spec.width ?? WIDTH
  const shown = (spec.marks ?? []).filter(({ at }) => at >= from && at <= to)
  const x = (at: number) => ((at - from) / (to - from)) * (width - LEFT - RIGHT)
  const marks = inRows(shown, x, width - LEFT)
  const color = (i: number) => chartColors[i % chartColors.length]!
  const rows = Math.max(0, ...marks.map(({ row }) => row + 1))
  return draw(
    spec,
    spec.series.map(({ name }, i) => ({ name, color: color(i) })),
    rows,
    {
      xAxis: axis({ ...spec.x, min: from, max: to }, 'horizontal'),
      yAxis: axis(spec.y, 'vertical', rows),
      series: [
        ...spec.series.map(({ name, heights }, i) => {
          const width = (to - from) / heights.length
          // Filled stairs: a bar series would put the groups beside each other.
          const data = heights.map((height, bin) => [from + bin * width, height])
          return {
            type: 'line',
            name,
            data: [...data, [to, heights.at(-1) ?? 0]],
            step: 'end',
            showSymbol: false,
            color: color(i),
            lineStyle: { width: 1.5 },
            areaStyle: { opacity: 0.25 },
          }
        }),
        ...(marks.length > 0 ? [markSeries(marks)] : []),
      ],
    },
  )
}
