import { type KeyboardEvent, type PointerEvent, useEffect, useMemo, useRef, useState } from 'react'
import { useNumbers, useWords } from '../../../language/language.js'
import { Button } from '../../../ui/button.js'
import { Notice } from '../../../ui/problem.js'
import { words } from '../words.js'
import { Near } from './near.js'
import type { Drawing } from './scatter.js'
import type { ScatterJob } from './scatter.worker.js'
import { shuffled } from './shuffled.js'
import { panned, pixelOf, placeOf, type Size, type View, viewOfAll, zoomed } from './view.js'

/** Pixels from a point within which it is pointed at. */
const REACH = 12
/** Pixels that a key moves the map by. */
const STEP = 60
const ZOOM = 1.4

/** The points, moved and zoomed by pointer and keyboard; what is drawn is drawn once a frame. */
export function Canvas({
  what,
  places,
  colours,
  at,
  onAt,
}: {
  /** What map it is: another is seen whole again, also after somebody has moved about in this one. */
  what: string
  places: Float32Array<ArrayBuffer>
  colours: Uint8Array<ArrayBuffer>
  /** The row that is pointed at, or -1. */
  at: number
  onAt(row: number): void
}) {
  const t = useWords(words)
  const { count } = useNumbers()
  const frame = useRef<HTMLDivElement>(null)
  const ring = useRef<HTMLSpanElement>(null)
  const painter = useRef<Worker | null>(null)
  const view = useRef<View | null>(null)
  // Until somebody moves it, all of a map that grows is in the picture.
  const isMoved = useRef(false)
  const dragged = useRef<{ x: number; y: number } | null>(null)
  const size = useRef<Size>({ width: 0, height: 0 })
  const [isMissing, setMissing] = useState(false)
  const near = useMemo(() => new Near(places), [places])

  const placeRing = () => {
    const isShown = view.current !== null && at >= 0 && 2 * at < places.length
    ring.current!.hidden = !isShown
    if (!isShown) return
    const { px, py } = pixelOf(view.current!, size.current, places[2 * at]!, places[2 * at + 1]!)
    ring.current!.style.transform = `translate(${px}px, ${py}px)`
  }
  const draw = () => {
    if (size.current.width === 0) return
    if (!view.current || !isMoved.current) view.current = viewOfAll(places, size.current)
    const drawing: Drawing = {
      ...{ view: view.current, size: size.current, ratio: devicePixelRatio },
      diameter: places.length > 100_000 ? 3 : places.length > 20_000 ? 4 : 7,
    }
    painter.current?.postMessage({ drawing } satisfies ScatterJob)
    placeRing()
  }
  const drawing = useRef(draw)
  drawing.current = draw
  const look = (next: View) => {
    isMoved.current = true
    view.current = next
    draw()
  }

  useEffect(() => {
    // Beside the page: without a graphics card a draw takes longer than a frame.
    const worker = new Worker(new URL('./scatter.worker.ts', import.meta.url), { type: 'module' })
    worker.onmessage = () => setMissing(true)
    // A canvas can be given away once.
    const canvas = document.createElement('canvas')
    frame.current!.prepend(canvas)
    const offscreen = canvas.transferControlToOffscreen()
    worker.postMessage({ canvas: offscreen } satisfies ScatterJob, [offscreen])
    painter.current = worker
    const resized = new ResizeObserver(([entry]) => {
      const { width, height } = entry!.contentRect
      size.current = { width, height }
      drawing.current()
    })
    resized.observe(frame.current!)
    return () => {
      resized.disconnect()
      worker.terminate()
      canvas.remove()
      painter.current = null
    }
  }, [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: for each map anew
  useEffect(() => {
    isMoved.current = false
  }, [what])
  useEffect(() => {
    const job: ScatterJob = shuffled(places, colours)
    painter.current?.postMessage(job, [job.places.buffer, job.colours.buffer])
    drawing.current()
  }, [places, colours])
  // biome-ignore lint/correctness/useExhaustiveDependencies: the ring goes to another point
  useEffect(placeRing, [at])
  useEffect(() => {
    const turned = (event: WheelEvent) => {
      event.preventDefault()
      if (!view.current) return
      const box = frame.current!.getBoundingClientRect()
      const factor = ZOOM ** (-event.deltaY / 100)
      const [px, py] = [event.clientX - box.left, event.clientY - box.top]
      isMoved.current = true
      view.current = zoomed(view.current, size.current, factor, px, py)
      drawing.current()
    }
    const own = frame.current!
    // React's own listener may not keep the page from scrolling.
    own.addEventListener('wheel', turned, { passive: false })
    return () => own.removeEventListener('wheel', turned)
  }, [])

  const whole = () => {
    look(viewOfAll(places, size.current))
    isMoved.current = false
  }
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
    else if (event.key === '0') whole()
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
        <span ref={ring} className="curate-ring" hidden />
      </div>
      <div className="row">
        <Button onClick={whole}>{t.whole}</Button>
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
