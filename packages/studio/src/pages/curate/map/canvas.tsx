import { type KeyboardEvent, type PointerEvent, useEffect, useMemo, useRef, useState } from 'react'
import { useNumbers, useWords } from '../../../language/language.js'
import { Button } from '../../../ui/button.js'
import { Notice } from '../../../ui/problem.js'
import { words } from '../words.js'
import { Near } from './near.js'
import { Scatter } from './scatter.js'
import { panned, pixelOf, placeOf, type Size, type View, viewOfAll, zoomed } from './view.js'

/** Pixels from a point within which it is pointed at. */
const REACH = 12
/** Pixels that a key moves the map by. */
const STEP = 60
const ZOOM = 1.4

/** The points, moved and zoomed by pointer and keyboard; what is drawn is drawn once a frame. */
export function Canvas({
  places,
  colours,
  at,
  onAt,
}: {
  places: Float32Array<ArrayBuffer>
  colours: Uint8Array<ArrayBuffer>
  /** The row that is pointed at, or -1. */
  at: number
  onAt(row: number): void
}) {
  const t = useWords(words)
  const { count } = useNumbers()
  const frame = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const ring = useRef<HTMLSpanElement>(null)
  const scatter = useRef<Scatter | null>(null)
  const view = useRef<View | null>(null)
  const size = useRef<Size>({ width: 1, height: 1 })
  const wanted = useRef(0)
  const dragged = useRef<{ x: number; y: number } | null>(null)
  const [isMissing, setMissing] = useState(false)
  const near = useMemo(() => new Near(places), [places])
  const chosen = useRef(at)
  chosen.current = at

  const draw = () => {
    wanted.current = 0
    if (!scatter.current || size.current.width < 2) return
    view.current ??= viewOfAll(places, size.current)
    const diameter = places.length > 100_000 ? 3 : places.length > 20_000 ? 4 : 7
    scatter.current.draw(view.current, size.current, devicePixelRatio, diameter)
    const row = chosen.current
    const isShown = row >= 0 && 2 * row < places.length
    ring.current!.hidden = !isShown
    if (!isShown) return
    const { px, py } = pixelOf(view.current, size.current, places[2 * row]!, places[2 * row + 1]!)
    ring.current!.style.transform = `translate(${px}px, ${py}px)`
  }
  const drawing = useRef(draw)
  drawing.current = draw
  const ask = () => {
    wanted.current ||= requestAnimationFrame(() => drawing.current())
  }
  const look = (next: View) => {
    view.current = next
    ask()
  }

  useEffect(() => {
    try {
      scatter.current = new Scatter(canvas.current!)
    } catch {
      setMissing(true)
    }
    const resized = new ResizeObserver(([entry]) => {
      const { width, height } = entry!.contentRect
      size.current = { width, height }
      wanted.current ||= requestAnimationFrame(() => drawing.current())
    })
    resized.observe(frame.current!)
    return () => {
      resized.disconnect()
      cancelAnimationFrame(wanted.current)
      wanted.current = 0
      scatter.current?.close()
      scatter.current = null
    }
  }, [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: other places are seen whole again
  useEffect(() => {
    view.current = null
  }, [places.length])
  useEffect(() => {
    scatter.current?.setPoints(places, colours)
    wanted.current ||= requestAnimationFrame(() => drawing.current())
  }, [places, colours])
  // biome-ignore lint/correctness/useExhaustiveDependencies: the ring goes to another point
  useEffect(() => {
    wanted.current ||= requestAnimationFrame(() => drawing.current())
  }, [at])
  useEffect(() => {
    const turned = (event: WheelEvent) => {
      event.preventDefault()
      if (!view.current) return
      const box = frame.current!.getBoundingClientRect()
      const factor = ZOOM ** (-event.deltaY / 100)
      const [px, py] = [event.clientX - box.left, event.clientY - box.top]
      view.current = zoomed(view.current, size.current, factor, px, py)
      wanted.current ||= requestAnimationFrame(() => drawing.current())
    }
    const own = frame.current!
    // React's own listener may not keep the page from scrolling.
    own.addEventListener('wheel', turned, { passive: false })
    return () => own.removeEventListener('wheel', turned)
  }, [])

  const moved = (event: PointerEvent) => {
    if (!view.current) return
    const from = dragged.current
    if (from) {
      look(panned(view.current, event.clientX - from.x, event.clientY - from.y))
      dragged.current = { x: event.clientX, y: event.clientY }
      return
    }
    const box = frame.current!.getBoundingClientRect()
    const { x, y } = placeOf(
      view.current,
      size.current,
      event.clientX - box.left,
      event.clientY - box.top,
    )
    const row = near.nearest(x, y, REACH / view.current.scale)
    if (row >= 0 && row !== at) onAt(row)
  }
  const pressed = (event: KeyboardEvent) => {
    if (!view.current || event.ctrlKey || event.metaKey || event.altKey) return
    const { width, height } = size.current
    const arrow = ARROWS[event.key]
    if (arrow && event.shiftKey) look(panned(view.current, -STEP * arrow[0], STEP * arrow[1]))
    else if (arrow) {
      const middle = near.nearest(view.current.x, view.current.y, Number.MAX_VALUE)
      const next = at < 0 ? middle : near.towards(at, ...arrow)
      if (next >= 0) onAt(next)
      if (next >= 0) follow(next)
    } else if (event.key === '+' || event.key === '=')
      look(zoomed(view.current, size.current, ZOOM, width / 2, height / 2))
    else if (event.key === '-')
      look(zoomed(view.current, size.current, 1 / ZOOM, width / 2, height / 2))
    else if (event.key === '0') look(viewOfAll(places, size.current))
    else return
    event.preventDefault()
  }
  /** What was gone to by keyboard is in the picture. */
  const follow = (row: number) => {
    const [x, y] = [places[2 * row]!, places[2 * row + 1]!]
    const { px, py } = pixelOf(view.current!, size.current, x, y)
    const { width, height } = size.current
    if (px < 0 || py < 0 || px > width || py > height) look({ ...view.current!, x, y })
  }
  if (isMissing) return <Notice kind="bad">{t.noWebgl}</Notice>
  return (
    <div className="stack grow">
      <div
        ref={frame}
        className="curate-canvas"
        role="application"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it is moved about by keyboard
        tabIndex={0}
        aria-label={t.mapLabel(count(places.length / 2))}
        onKeyDown={pressed}
        onPointerDown={(event) => {
          dragged.current = { x: event.clientX, y: event.clientY }
          event.currentTarget.setPointerCapture(event.pointerId)
        }}
        onPointerUp={() => {
          dragged.current = null
        }}
        onPointerCancel={() => {
          dragged.current = null
        }}
        onPointerMove={moved}
      >
        <canvas ref={canvas} />
        <span ref={ring} className="curate-ring" hidden />
      </div>
      <div className="row">
        <Button onClick={() => look(viewOfAll(places, size.current))}>{t.whole}</Button>
        <span className="muted">{t.mapKeys}</span>
      </div>
    </div>
  )
}

/** Right and up are positive. */
const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
}
