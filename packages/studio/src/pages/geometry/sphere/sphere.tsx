import { type KeyboardEvent, type PointerEvent, useEffect, useRef } from 'react'
import { type Colours, useColours } from '../../../theme/theme.js'
import './sphere.css'
import { START, seen, type Turn, turned, type Vector } from './view.js'

/** What is drawn on a sphere with: its context, the radius and the middle in pixels, and its colours. */
export interface Brush {
  context: CanvasRenderingContext2D
  radius: number
  middle: number
  turn: Turn
  colours: Colours
}

/** Pixels a side; the page shows it smaller. */
const SIDE = 760
const MARGIN = 20
const STEP = Math.PI / 36

/** A sphere that is turned by dragging and by the arrow keys; Home turns it back. */
export function Sphere({
  label,
  told,
  turn,
  onTurn,
  paint,
}: {
  /** What it shows, for those who do not see it. */
  label: string
  /** How it is turned. */
  told: string
  turn: Turn
  onTurn(turn: Turn): void
  paint(brush: Brush): void
}) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const from = useRef<{ x: number; y: number } | null>(null)
  const colours = useColours()

  useEffect(() => {
    const drawing = requestAnimationFrame(() => {
      const context = canvas.current?.getContext('2d')
      if (!context) return
      context.clearRect(0, 0, SIDE, SIDE)
      paint({ context, radius: SIDE / 2 - MARGIN, middle: SIDE / 2, turn, colours })
    })
    return () => cancelAnimationFrame(drawing)
  }, [paint, turn, colours])

  const drag = (event: PointerEvent<HTMLElement>) => {
    if (!from.current) return
    const radius = event.currentTarget.clientWidth / 2
    onTurn(
      turned(
        turn,
        (event.clientX - from.current.x) / radius,
        (event.clientY - from.current.y) / radius,
      ),
    )
    from.current = { x: event.clientX, y: event.clientY }
  }
  const end = () => {
    from.current = null
  }
  const key = (event: KeyboardEvent) => {
    const moves: Record<string, () => Turn> = {
      ArrowLeft: () => turned(turn, -STEP, 0),
      ArrowRight: () => turned(turn, STEP, 0),
      ArrowUp: () => turned(turn, 0, -STEP),
      ArrowDown: () => turned(turn, 0, STEP),
      Home: () => START,
    }
    const move = moves[event.key]
    if (!move) return
    event.preventDefault()
    onTurn(move())
  }
  return (
    <figure className="sphere">
      <div
        role="application"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it is turned by the arrow keys
        tabIndex={0}
        aria-label={`${label} ${told}`}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId)
          from.current = { x: event.clientX, y: event.clientY }
        }}
        onPointerMove={drag}
        onPointerUp={end}
        onPointerCancel={end}
        onKeyDown={key}
      >
        <canvas ref={canvas} width={SIDE} height={SIDE} />
      </div>
      <figcaption className="muted">{told}</figcaption>
    </figure>
  )
}

/** A line of places; what is behind is faint. */
export function drawLine(
  { context, radius, middle, turn }: Brush,
  places: readonly Vector[],
  { colour, width, faint = 0.25 }: { colour: string; width: number; faint?: number },
): void {
  context.strokeStyle = colour
  context.lineWidth = width
  const at = places.map((place) => seen(turn, place))
  for (let i = 1; i < at.length; i++) {
    const [before, here] = [at[i - 1]!, at[i]!]
    context.globalAlpha = (before[2] + here[2]) / 2 < 0 ? faint : 1
    context.beginPath()
    context.moveTo(middle + radius * before[0], middle - radius * before[1])
    context.lineTo(middle + radius * here[0], middle - radius * here[1])
    context.stroke()
  }
  context.globalAlpha = 1
}

/** A dot on the sphere, and its name beside it. */
export function drawDot(
  { context, radius, middle, turn, colours }: Brush,
  place: Vector,
  {
    colour,
    size,
    name,
    ring,
    faint = 0.25,
  }: { colour: string; size: number; name?: string; ring?: string; faint?: number },
): void {
  const [right, up, near] = seen(turn, place)
  const [x, y] = [middle + radius * right, middle - radius * up]
  context.globalAlpha = near < 0 ? faint : 1
  context.fillStyle = colour
  context.beginPath()
  context.arc(x, y, size, 0, 2 * Math.PI)
  context.fill()
  if (ring) {
    context.strokeStyle = ring
    context.lineWidth = 2
    context.stroke()
  }
  if (name) {
    context.fillStyle = colours.text
    context.font = '28px system-ui, sans-serif'
    context.fillText(name, x + size + 6, y - size - 2)
  }
  context.globalAlpha = 1
}

export function drawOutline({ context, radius, middle, colours }: Brush): void {
  context.strokeStyle = colours.muted
  context.lineWidth = 2
  context.beginPath()
  context.arc(middle, middle, radius, 0, 2 * Math.PI)
  context.stroke()
}
