import { lazy, Suspense, useMemo } from 'react'
import { useWords } from '../../language/language.js'
import { useDrawn } from './context.js'
import { DEGREES, under } from './curves.js'
import { PRESETS, type Settings } from './settings.js'
import { words } from './words.js'

const Lines = lazy(() => import('../../ui/charts/lines.js'))

const HEIGHT = 260

/** A curve over the angle for the loss chosen, and for the presets beside it. */
export function Chart({
  label,
  curve,
  format,
  xLabel,
}: {
  label: string
  /** Values at each of `DEGREES`; the same function while nothing else than the settings changes. */
  curve(settings: Settings): Float64Array | readonly (number | null)[]
  format: (value: number) => string
  xLabel?: string
}) {
  const t = useWords(words)
  const { settings, beside } = useDrawn()
  const lines = useMemo(
    () => [
      { label: t.chosen, values: curve(settings), colour: 0 },
      ...PRESETS.flatMap(({ name, title }, i) =>
        beside.includes(name)
          ? [{ label: title, values: curve(under(settings, name)), colour: i + 1, dashed: true }]
          : [],
      ),
    ],
    [t, settings, beside, curve],
  )
  return (
    <figure className="stack">
      <figcaption>{label}</figcaption>
      <Suspense fallback={<div style={{ height: HEIGHT }} />}>
        <Lines
          x={DEGREES}
          xLabel={xLabel ?? t.angle}
          height={HEIGHT}
          together="geometry"
          {...{ lines, label, format }}
        />
      </Suspense>
    </figure>
  )
}
