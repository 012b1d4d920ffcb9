import { lazy, Suspense, useMemo } from 'react'
import { useWords } from '../../../language/language.js'
import type { Line, Range } from '../../../ui/charts/lines.js'
import type { Measured } from '../measured.js'
import { words } from '../words.js'
import { type Figure, useFigures } from './figures.js'
import { lineOf } from './line.js'

const Lines = lazy(() => import('../../../ui/charts/lines.js'))

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
  const t = useWords(words)
  const { title, format, logarithmic } = figure
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
    <section className="card stack" aria-labelledby={`chart-${figure.id}`}>
      <h3 id={`chart-${figure.id}`}>{title}</h3>
      <Suspense fallback={<div className="chart-place" />}>
        <Lines
          x={measured.step}
          label={`${title}. ${last}`}
          xLabel={t.step}
          together="training"
          {...{ lines, format, range, onRange }}
          {...(logarithmic && { logarithmic })}
        />
      </Suspense>
    </section>
  )
}
