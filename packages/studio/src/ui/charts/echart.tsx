import { BarChart, CustomChart, HeatmapChart, LineChart, ScatterChart } from 'echarts/charts'
import {
  AriaComponent,
  DataZoomComponent,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  MarkPointComponent,
  TooltipComponent,
  VisualMapComponent,
} from 'echarts/components'
import { type ECharts, init, use } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import type { EChartsOption } from 'echarts/types/dist/shared'
import { useEffect, useRef } from 'react'
import { useColours } from '../../theme/theme.js'
import '../parts.css'

use([
  ...[BarChart, CustomChart, HeatmapChart, LineChart, ScatterChart],
  ...[AriaComponent, DataZoomComponent, GridComponent, LegendComponent, MarkLineComponent],
  ...[MarkPointComponent, TooltipComponent, VisualMapComponent, CanvasRenderer],
])

export interface EChartProps {
  /** With the colours of the page where it names none. */
  option: EChartsOption
  /** What the chart shows, for those who do not see it. */
  label: string
  height?: number
  /** Gets the chart when it is made, for its events; what it returns is called at the end. */
  onReady?: (chart: ECharts) => (() => void) | undefined
}

/** A chart of ECharts. Loaded where it is needed: `lazy(() => import('../../ui/charts/echart.js'))`. */
export default function EChart({ option, label, height = 320, onReady }: EChartProps) {
  const frame = useRef<HTMLDivElement>(null)
  const chart = useRef<ECharts>(undefined)
  const colours = useColours()
  const ready = useRef(onReady)
  ready.current = onReady

  useEffect(() => {
    const place = frame.current!
    const made = init(place)
    chart.current = made
    const resized = new ResizeObserver(() => made.resize())
    resized.observe(place)
    const end = ready.current?.(made)
    return () => {
      end?.()
      resized.disconnect()
      made.dispose()
      chart.current = undefined
    }
  }, [])

  useEffect(() => {
    const plain = { color: colours.text, fontFamily: 'inherit' }
    const axis = {
      axisLine: { lineStyle: { color: colours.muted } },
      axisLabel: { color: colours.muted },
      nameTextStyle: { color: colours.muted },
      splitLine: { lineStyle: { color: colours.line } },
    }
    const axes = (given: unknown) =>
      given === undefined
        ? undefined
        : [given].flat().map((one) => {
            const { axisLabel, nameTextStyle, ...rest } = Object(one)
            return {
              ...{ ...axis, ...rest },
              axisLabel: { ...axis.axisLabel, ...axisLabel },
              nameTextStyle: { ...axis.nameTextStyle, ...nameTextStyle },
            }
          })
    chart.current?.setOption(
      {
        animation: false,
        color: colours.series,
        textStyle: plain,
        ...option,
        ...(option.legend !== undefined && {
          legend: { textStyle: plain, ...Object(option.legend) },
        }),
        ...(option.tooltip !== undefined && {
          tooltip: {
            backgroundColor: colours.surface,
            borderColor: colours.line,
            textStyle: plain,
            ...Object(option.tooltip),
          },
        }),
        ...(option.xAxis !== undefined && { xAxis: axes(option.xAxis) as never }),
        ...(option.yAxis !== undefined && { yAxis: axes(option.yAxis) as never }),
      },
      { notMerge: true },
    )
  }, [option, colours])

  return <div ref={frame} className="chart" style={{ height }} role="img" aria-label={label} />
}
