import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { useColours } from '../../theme/theme.js'
import '../parts.css'

export interface Line {
  label: string
  /** At each of `x`; null: nothing there. */
  values: readonly (number | null)[] | Float64Array
  /** Number of its colour, from 0; default its place. */
  colour?: number
  dashed?: boolean
  /** Which axis, by name; default `y`. */
  scale?: string
}

export interface LinesProps {
  x: readonly number[] | Float64Array
  lines: readonly Line[]
  /** What the chart shows, for those who do not see it. */
  label: string
  xLabel: string
  height?: number
  /** Of the y axis. */
  logarithmic?: boolean
  format?: (value: number) => string
  /** Charts with one name share their cursor. */
  together?: string
}

/** Lines over steps, for many points: drag to zoom, a double click shows all again. Loaded where it is needed: `lazy`. */
export default function Lines(props: LinesProps) {
  const { x, lines, label, height = 240 } = props
  const frame = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(undefined)
  const colours = useColours()
  const shape = JSON.stringify([
    lines.map(({ label, colour, dashed, scale }) => [label, colour, dashed, scale]),
    ...[height, props.xLabel, props.logarithmic, props.together],
  ])
  const current = useRef(props)
  current.current = props
  const data = () => {
    const { x, lines } = current.current
    return [x, ...lines.map(({ values }) => values)] as uPlot.AlignedData
  }

  // biome-ignore lint/correctness/useExhaustiveDependencies: made anew where its shape or its colours change
  useEffect(() => {
    const place = frame.current!
    const made = new uPlot(
      optionsOf(current.current, place.clientWidth || 600, colours),
      data(),
      place,
    )
    plot.current = made
    const resized = new ResizeObserver(() => {
      if (place.clientWidth > 0) made.setSize({ width: place.clientWidth, height })
    })
    resized.observe(place)
    return () => {
      resized.disconnect()
      made.destroy()
      plot.current = undefined
    }
  }, [shape, colours])

  // biome-ignore lint/correctness/useExhaustiveDependencies: what it draws
  useEffect(() => {
    const made = plot.current
    if (!made) return
    const { min, max } = made.scales.x!
    const [first, last] = [made.data[0][0], made.data[0].at(-1)]
    // Who has zoomed in stays where he is while more comes.
    made.setData(data(), min === first && max === last)
  }, [x, lines])

  return <div ref={frame} className="chart" role="img" aria-label={label} />
}

function optionsOf(
  { lines, xLabel, height = 240, logarithmic, format, together }: LinesProps,
  width: number,
  colours: ReturnType<typeof useColours>,
): uPlot.Options {
  const axis = {
    stroke: colours.muted,
    grid: { stroke: colours.line, width: 1 },
    ticks: { stroke: colours.line, width: 1 },
  }
  const value = (_: uPlot, raw: number | null) =>
    raw == null ? '–' : (format?.(raw) ?? raw.toPrecision(4))
  return {
    ...{ width, height },
    scales: { x: { time: false }, y: logarithmic ? { distr: 3 } : {} },
    axes: [
      { ...axis, label: xLabel, labelSize: 20 },
      {
        ...axis,
        size: 62,
        ...(format && { values: (_: uPlot, at: number[]) => at.map((one) => format(one)) }),
      },
    ],
    series: [
      { label: xLabel },
      ...lines.map(({ label, colour, dashed, scale }, i) => ({
        label,
        stroke: colours.series[(colour ?? i) % colours.series.length]!,
        width: 1.5,
        ...(dashed && { dash: [6, 4] }),
        ...(scale && { scale }),
        points: { show: false },
        spanGaps: true,
        value,
      })),
    ],
    cursor: { drag: { x: true, y: false }, ...(together && { sync: { key: together } }) },
  }
}
