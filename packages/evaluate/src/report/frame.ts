import { CustomChart, LineChart } from 'echarts/charts'
import { GridComponent } from 'echarts/components'
import { type EChartsCoreOption, init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import { type Html, html, raw } from './html.js'
import { type LegendItem, legend } from './legend.js'

use([CustomChart, LineChart, GridComponent, SVGRenderer])

// What all charts have: axes, a legend above the plot, colours. Drawn once, on the server, as SVG text: the page needs no
// script.

export interface Axis {
  readonly name: string
  readonly min?: number
  readonly max?: number
  /** Logarithmic to base 10; values must be above 0. */
  readonly log?: boolean
  /** Values are fractions, labels show percent. */
  readonly percent?: boolean
  /** What lies between two marks; chosen for what is shown if left out. */
  readonly step?: number
  /** Marked at whole numbers only. */
  readonly whole?: boolean
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
export const INK = '#33383f'
export const GRID = '#e4e7eb'
export const WIDTH = 720
export const [LEFT, RIGHT] = [56, 24]
/** Height of a legend of one row. */
const ONE_ROW = 24
/** Of names of marks, above the plot. */
export const MARK_ROW = 14
const FONT = 'system-ui, -apple-system, Segoe UI, Roboto, sans-serif'

export function axis(
  { name, min, max, log, percent, step, whole }: Axis,
  direction: 'horizontal' | 'vertical',
  markRows = 0,
) {
  const horizontal = direction === 'horizontal'
  return {
    type: log ? 'log' : 'value',
    name,
    nameLocation: horizontal ? 'middle' : 'end',
    nameGap: horizontal ? 30 : 14 + MARK_ROW * markRows,
    nameTextStyle: { color: INK, fontSize: 12, align: horizontal ? 'center' : 'left' },
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    ...(step !== undefined && { interval: step }),
    ...(whole && { minInterval: 1 }),
    axisLine: { show: horizontal, onZero: false, lineStyle: { color: INK } },
    axisTick: { show: horizontal },
    splitLine: { lineStyle: { color: GRID } },
    axisLabel: { color: INK, formatter: (value: number) => label(value, percent) },
  }
}

function label(value: number, percent = false): string {
  // Ticks of a logarithmic axis come with rounding errors.
  const shown = Number((percent ? value * 100 : value).toPrecision(Math.abs(value) < 1e-2 ? 2 : 6))
  const text = shown !== 0 && Math.abs(shown) < 1e-3 ? shown.toExponential() : String(shown)
  return percent ? `${text} %` : text
}

/** A chart of series below the legend of them and rows for names of marks. */
export function draw(
  { width = WIDTH, height = 360 }: { width?: number; height?: number },
  items: readonly LegendItem[],
  markRows: number,
  option: EChartsCoreOption,
): Html {
  const above = legend(items, { left: LEFT, right: width - RIGHT, ink: INK })
  const chart = init(null, null, {
    renderer: 'svg',
    ssr: true,
    width,
    // What a legend of several rows takes is added: the plot stays as high as it was asked for.
    height: height + above.height - ONE_ROW + markRows * MARK_ROW,
  })
  try {
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: FONT },
      grid: {
        left: LEFT,
        right: RIGHT,
        top: above.height + 38 + markRows * MARK_ROW,
        bottom: 48,
      },
      ...option,
    })
    const svg = chart.renderToSVGString({ useViewBox: true })
    const drawn = raw(svg.replace(/<\/svg>\s*$/, ''))
    return html`${drawn}<g font-family="${FONT}">${above.svg}</g></svg>`
  } finally {
    chart.dispose()
  }
}
