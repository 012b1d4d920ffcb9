import { useMemo } from 'react'
import type { Line, Range } from '../../../ui/charts/lines.js'
import { FigureChart } from '../chart/figure-chart.js'
import type { Measured } from '../measured.js'
import { type Figure, useFigures } from './figures.js'
import { lineOf } from './line.js'

/** What a run measures, a chart a figure; those of which it has nothing are left out. */
export function Charts({
  measured,
  range,
  onRange,
}: {
  measured: Measured
  range: Range | null
  onRange(range: Range | null): void
}) {
  const figures = useFigures()
  const shown = figures.filter(({ lines }) =>
    lines.some(([name]) => measured.series[name]?.some((value) => value !== null)),
  )
  return (
    <div className="charts">
      {shown.map((figure) => (
        <Chart key={figure.id} {...{ figure, measured, range, onRange }} />
      ))}
    </div>
  )
}

function Chart({
  figure,
  measured,
  range,
  onRange,
}: {
  figure: Figure
  measured: Measured
  range: Range | null
  onRange(range: Range | null): void
}) {
  const { title, format } = figure
  const lines = useMemo(
    () =>
      figure.lines.flatMap(([name, label], colour): Line[] => {
        const values = lineOf(measured.series[name], figure)
        return values ? [{ label, values, colour }] : []
      }),
    [figure, measured],
  )
  const last = useMemo(() => {
    const said = lines.map(({ label, values }) => {
      const value = (values as readonly (number | null)[]).findLast((one) => one !== null)
      return value == null ? '' : `${label}: ${format(value)}`
    })
    return said.filter(Boolean).join('; ')
  }, [lines, format])
  return (
    <FigureChart
      {...{ title, lines, figure, range, onRange }}
      step={measured.step}
      told={`${title}. ${last}`}
    />
  )
}
