import { CustomChart, LineChart } from 'echarts/charts'
import { GridComponent, LegendComponent } from 'echarts/components'
import { type EChartsCoreOption, init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'

use([CustomChart, LineChart, GridComponent, LegendComponent, SVGRenderer])

// Drawn once, on the server, as SVG text: the page needs no script.

export interface Axis {
  readonly name: string
  readonly min?: number
  readonly max?: number
  /** Logarithmic to base 10; values must be above 0. */
  readonly log?: boolean
  /** Values are fractions, labels show percent. */
  readonly percent?: boolean
}

/** x, and the lower and the upper limit there. */
export type BandPoint = readonly [number, number, number]

export interface Series {
  readonly name: string
  /** x and y, in the order in which they are joined. */
  readonly points: readonly (readonly [number, number])[]
  /** Shaded behind the line, x ascending. */
  readonly band?: readonly BandPoint[]
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
  readonly width?: number
  readonly height?: number
}

/** Eight colours in the order of series, apart for the colour-blind too (Okabe and Ito, grey for their yellow). */
export const chartColors: readonly string[] = [
  '#0072b2',
  '#d55e00',
  '#009e73',
  '#cc79a7',
  '#e69f00',
  '#56b4e9',
  '#000000',
  '#999999',
]
const INK = '#33383f'
const GRID = '#e4e7eb'
// Wide gaps: without a browser the width of text is a guess.
const LEGEND = { top: 4, right: 24, itemGap: 32, icon: 'roundRect', textStyle: { color: INK } }
const FONT = 'system-ui, -apple-system, Segoe UI, Roboto, sans-serif'

/** A line chart as an SVG string, to be placed in a page. */
export function lineChart(spec: LineChartSpec): string {
  return draw(spec, {
    xAxis: axis(spec.x, 'horizontal'),
    yAxis: axis(spec.y, 'vertical'),
    legend: { ...LEGEND, data: spec.series.map(({ name }) => name) },
    series: [
      ...spec.series.map((series, i) => ({
        type: 'line',
        name: series.name,
        data: series.points,
        color: chartColors[i % chartColors.length],
        showSymbol: series.points.length <= 20,
        symbolSize: 5,
        lineStyle: { width: 2 },
        ...(spec.step && { step: 'end' }),
      })),
      ...spec.series.flatMap(({ band }, i) => (band && band.length > 1 ? [shade(band, i)] : [])),
    ],
  })
}

/** A band as one polygon: along the upper limits and back along the lower ones. */
function shade(band: readonly BandPoint[], i: number) {
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
      style: { fill: chartColors[i % chartColors.length], opacity: 0.18 },
    }),
  }
}

/** Histograms of several groups, one over the other, as an SVG string. */
export function histogramChart(spec: HistogramSpec): string {
  const { from, to } = spec
  return draw(spec, {
    xAxis: axis({ ...spec.x, min: from, max: to }, 'horizontal'),
    yAxis: axis(spec.y, 'vertical'),
    series: spec.series.map(({ name, heights }) => {
      const width = (to - from) / heights.length
      // Filled stairs: a bar series would put the groups beside each other.
      const data = heights.map((height, bin) => [from + bin * width, height])
      return {
        type: 'line',
        name,
        data: [...data, [to, heights.at(-1) ?? 0]],
        step: 'end',
        showSymbol: false,
        lineStyle: { width: 1.5 },
        areaStyle: { opacity: 0.25 },
      }
    }),
  })
}

function axis({ name, min, max, log, percent }: Axis, direction: 'horizontal' | 'vertical') {
  const horizontal = direction === 'horizontal'
  return {
    type: log ? 'log' : 'value',
    name,
    nameLocation: horizontal ? 'middle' : 'end',
    nameGap: horizontal ? 30 : 14,
    nameTextStyle: { color: INK, fontSize: 12, align: horizontal ? 'center' : 'left' },
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    axisLine: { show: horizontal, onZero: false, lineStyle: { color: INK } },
    axisTick: { show: horizontal },
    splitLine: { lineStyle: { color: GRID } },
    axisLabel: { color: INK, formatter: (value: number) => label(value, percent) },
  }
}

function label(value: number, percent = false): string {
  // Ticks of a logarithmic axis come with rounding errors.
  const shown = Number((percent ? value * 100 : value).toPrecision(6))
  const text = shown !== 0 && Math.abs(shown) < 1e-3 ? shown.toExponential() : String(shown)
  return percent ? `${text} %` : text
}

function draw(
  { width = 720, height = 360 }: { width?: number; height?: number },
  option: EChartsCoreOption,
): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height })
  try {
    chart.setOption({
      animation: false,
      color: [...chartColors],
      textStyle: { fontFamily: FONT },
      grid: { left: 56, right: 24, top: 60, bottom: 48 },
      legend: LEGEND,
      ...option,
    })
    return chart.renderToSVGString({ useViewBox: true })
  } finally {
    chart.dispose()
  }
}
