import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { useColours } from '../../theme/theme.js'
import '../parts.css'
import { inFrames, outOfFrames } from './frames.js'

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
  /** The part of x that is shown, where the page says it; null: all. */
  range?: Range | null
  /** Asked for by who drags, clicks twice, or turns the wheel with control (zooms) or shift (pans). */
  onRange?: (range: Range | null) => void
}

export type Range = readonly [from: number, to: number]

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
    const { onRange } = current.current
    const asked = onRange && { onRange: (range: Range | null) => current.current.onRange?.(range) }
    const made = new uPlot(
      optionsOf({ ...current.current, ...asked }, place.clientWidth || 600, colours),
      data(),
      place,
    )
    plot.current = made
    if (current.current.range) draw(made, data(), current.current.range)
    const wheel = (event: WheelEvent) => {
      const { onRange } = current.current
      if (!onRange || !(event.ctrlKey || event.metaKey || event.shiftKey)) return
      event.preventDefault()
      onRange(turned(made, event))
    }
    made.over.addEventListener('wheel', wheel, { passive: false })
    const resized = new ResizeObserver(() => {
      if (place.clientWidth > 0) made.setSize({ width: place.clientWidth, height })
    })
    resized.observe(place)
    return () => {
      resized.disconnect()
      outOfFrames(made)
      made.destroy()
      plot.current = undefined
    }
  }, [shape, colours])

  const [from, to] = props.range ?? []
  // biome-ignore lint/correctness/useExhaustiveDependencies: what it draws
  useEffect(() => {
    const made = plot.current
    if (!made) return
    if (current.current.onRange) {
      inFrames(made, () => made.batch(() => draw(made, data(), current.current.range)))
      return
    }
    const { min, max } = made.scales.x!
    const [first, last] = [made.data[0][0], made.data[0].at(-1)]
    // Who has zoomed in stays where he is while more comes.
    made.setData(data(), min === first && max === last)
  }, [x, lines, from, to])

  return <div ref={frame} className="chart" role="img" aria-label={label} />
}

function draw(plot: uPlot, data: uPlot.AlignedData, range: Range | null | undefined): void {
  plot.setData(data, true)
  if (range) plot.setScale('x', { min: range[0], max: range[1] })
}

function showAll(onRange: (range: Range | null) => void): null {
  onRange(null)
  return null
}

/** What a turn of the wheel shows: nearer to the pointer or farther, or beside. */
function turned(plot: uPlot, { deltaX, deltaY, shiftKey, offsetX }: WheelEvent): Range {
  const { min = 0, max = 1 } = plot.scales.x! as { min?: number; max?: number }
  const size = max - min
  if (shiftKey) {
    const by = (size * (deltaX || deltaY)) / 1000
    return [min + by, max + by]
  }
  const at = plot.posToVal(offsetX, 'x')
  const factor = Math.exp(Math.max(-100, Math.min(100, deltaY)) / 400)
  return [at - (at - min) * factor, at + (max - at) * factor]
}

function optionsOf(
  { lines, xLabel, height = 240, logarithmic, format, together, onRange }: LinesProps,
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
        ...(format && {
          values: (_: uPlot, at: number[]) => at.map((one) => (one == null ? null : format(one))),
        }),
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
    cursor: {
      drag: { x: true, y: false, setScale: !onRange },
      ...(together && { sync: { key: together } }),
      ...(onRange && { bind: { dblclick: () => () => showAll(onRange) } }),
    },
    ...(onRange && {
      hooks: {
        setSelect: [
          (plot: uPlot) => {
            const { left, width } = plot.select
            if (width < 2) return
            onRange([plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x')])
            plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
          },
        ],
      },
    }),
  }
}
