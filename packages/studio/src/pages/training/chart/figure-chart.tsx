import { lazy, Suspense, useId } from 'react'
import { useWords } from '../../../language/language.js'
import type { Line, Range } from '../../../ui/charts/lines.js'
import { words } from '../words.js'

const Lines = lazy(() => import('../../../ui/charts/lines.js'))

/** A figure over steps; all of a page share their cursor and what part is shown. */
export function FigureChart({
  title,
  step,
  lines,
  told,
  figure: { format, logarithmic },
  range,
  onRange,
}: {
  title: string
  step: readonly number[]
  lines: readonly Line[]
  /** What the lines say, for those who do not see them. */
  told: string
  figure: { readonly format: (value: number) => string; readonly logarithmic?: boolean }
  range: Range | null
  onRange(range: Range | null): void
}) {
  const t = useWords(words)
  const id = useId()
  return (
    <section className="card stack" aria-labelledby={id}>
      <h3 id={id}>{title}</h3>
      <Suspense fallback={<div className="chart-place" />}>
        <Lines
          x={step}
          label={told}
          xLabel={t.step}
          together="training"
          {...{ lines, format, range, onRange }}
          {...(logarithmic && { logarithmic })}
        />
      </Suspense>
    </section>
  )
}
