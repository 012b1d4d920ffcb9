import type { Histogram as Bins } from '@arcface/evaluate'
import { type KeyboardEvent, type PointerEvent, useRef } from 'react'
import { useNumbers, useWords } from '../../language/language.js'
import { rounded } from './opened.js'
import { words } from './words.js'

/** A threshold to be known among the cosines. */
export interface Mark {
  readonly name: string
  readonly at: number
}

const STEP = 0.001
const PAGE = 0.02

/** Both kinds of pairs by cosine, and between them the threshold, which is drawn by mouse, finger or keyboard. */
export function Histogram({
  bins,
  threshold,
  marks,
  text,
  onChange,
}: {
  bins: Bins
  threshold: number
  marks: readonly Mark[]
  /** What the threshold gives, for those who do not see it. */
  text: string
  onChange(threshold: number): void
}) {
  const t = useWords(words)
  const numbers = useNumbers()
  const { from, to } = bins
  const frame = useRef<HTMLDivElement>(null)
  const handle = useRef<HTMLDivElement>(null)
  const take = (cosine: number) => onChange(rounded(Math.max(from, Math.min(to, cosine))))
  const place = (cosine: number) => `${(100 * (cosine - from)) / (to - from)}%`

  const drag = (event: PointerEvent<HTMLDivElement>) => {
    if (event.buttons % 2 === 0) return
    const { left, width } = frame.current!.getBoundingClientRect()
    take(from + ((event.clientX - left) / width) * (to - from))
  }
  const press = (event: PointerEvent<HTMLDivElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId)
    // After the click would have taken the focus away.
    event.preventDefault()
    handle.current?.focus()
    drag(event)
  }
  const key = (event: KeyboardEvent) => {
    const steps: Record<string, number> = {
      ...{ ArrowLeft: threshold - STEP, ArrowDown: threshold - STEP },
      ...{ ArrowRight: threshold + STEP, ArrowUp: threshold + STEP },
      ...{ PageDown: threshold - PAGE, PageUp: threshold + PAGE, Home: from, End: to },
    }
    const next = steps[event.key]
    if (next === undefined) return
    event.preventDefault()
    take(next)
  }
  const most = Math.max(...bins.genuine, ...bins.impostor)
  const step = to - from > 1.2 ? 0.4 : to - from > 0.6 ? 0.2 : 0.05
  const ticks: number[] = []
  for (let k = Math.ceil(from / step); k * step <= to + 1e-9; k++) ticks.push(rounded(k * step))
  return (
    <figure className="evaluate-histogram">
      <figcaption className="row">
        <strong>{t.histogram}</strong>
        <span className="evaluate-key" data-of="genuine">
          {t.genuine}
        </span>
        <span className="evaluate-key" data-of="impostor">
          {t.impostor}
        </span>
      </figcaption>
      <div className="evaluate-drawn" ref={frame} onPointerDown={press} onPointerMove={drag}>
        <svg viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">
          {(['impostor', 'genuine'] as const).map((kind) => (
            <path key={kind} data-of={kind} d={stairs(bins[kind], most)} />
          ))}
        </svg>
        {marks
          .filter(({ at }) => at >= from && at <= to)
          .map(({ name, at }, i) => (
            <span
              key={name}
              className="evaluate-mark"
              style={{ insetInlineStart: place(at), top: `${1.2 * (i % 4)}rem` }}
            >
              {name}
            </span>
          ))}
        <div
          ref={handle}
          className="evaluate-threshold"
          role="slider"
          tabIndex={0}
          aria-label={t.threshold}
          aria-valuemin={from}
          aria-valuemax={to}
          aria-valuenow={threshold}
          aria-valuetext={text}
          style={{ insetInlineStart: place(Math.max(from, Math.min(to, threshold))) }}
          onKeyDown={key}
        />
      </div>
      <div className="evaluate-ticks muted numbers" aria-hidden="true">
        {ticks.map((tick) => (
          <span key={tick} style={{ insetInlineStart: place(tick) }}>
            {numbers.fixed(tick, step < 0.1 ? 2 : 1)}
          </span>
        ))}
      </div>
      <p className="muted evaluate-axis">{t.cosine}</p>
    </figure>
  )
}

/** Filled stairs in a square of side 1. */
function stairs(heights: readonly number[], most: number): string {
  const width = 1 / heights.length
  const steps = heights.map((height, i) => {
    const y = 1 - (0.96 * height) / most
    return `L${i * width},${y}L${(i + 1) * width},${y}`
  })
  return `M0,1${steps.join('')}L1,1Z`
}
