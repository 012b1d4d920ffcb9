import {
  boundaryAngles,
  boundaryHolders,
  type Margins,
  marginAdvantage,
  radians,
  spaced,
} from '@arcface/evaluate'
import { useMemo } from 'react'
import { useWords } from '../../language/language.js'
import { useWriting } from './context.js'
import { arc } from './sample.js'
import { words } from './words.js'

const ANGLES = spaced(0, Math.PI, 181)
const SIDE = 180

/** Figure 5 of the paper: the angle to centre 1 to the right, that to centre 2 up. */
export function Plane({ margins }: { margins: Margins }) {
  const t = useWords(words)
  const { degree } = useWriting()
  const known = useMemo(() => {
    const other = boundaryAngles(marginAdvantage(margins), ANGLES)
    return Array.from(ANGLES, (own, i) => [own, other[i]!] as const).filter(
      ([, angle]) => !Number.isNaN(angle),
    )
  }, [margins])
  const scaled = ([x, y]: readonly [number, number]) =>
    `${(SIDE * x) / Math.PI} ${SIDE - (SIDE * y) / Math.PI}`
  const area = (points: readonly (readonly [number, number])[]) =>
    `M${points.map(scaled).join('L')}Z`
  const last = known.at(-1)?.[0] ?? 0
  const first = area([...known, [last, Math.PI], [0, Math.PI]])
  const second = area([
    ...known.map(([own, other]) => [other, own] as const),
    [Math.PI, last],
    [Math.PI, 0],
  ])
  const told = known[0] ? t.planeTold(degree(known[0][1])) : t.planeFigure
  return (
    <figure>
      <svg viewBox="-52 -12 246 236" role="img" aria-label={told}>
        <path d={first} className="area holder-1" />
        <path d={second} className="area holder-2" />
        <path d={`M0 ${SIDE}L${SIDE} 0`} className="chord" />
        <rect width={SIDE} height={SIDE} className="outline" />
        {[0, 90, 180].map((degree) => (
          <g key={degree}>
            <text x={degree} y={SIDE + 15}>
              {degree}°
            </text>
            <text x={-6} y={SIDE - degree + 4} className="end">
              {degree}°
            </text>
          </g>
        ))}
        <text x={SIDE / 2} y={SIDE + 32}>
          {t.to1}
        </text>
        <text transform={`translate(-40 ${SIDE / 2}) rotate(-90)`}>{t.to2}</text>
      </svg>
      <figcaption>{t.planeFigure}</figcaption>
    </figure>
  )
}

const PLACES = Float64Array.from({ length: 720 }, (_, i) => radians(i / 2 - 180))
const RADIUS = 84

/** The same where features have two numbers. */
export function Circle({
  margins,
  between,
  told,
}: {
  margins: Margins
  between: number
  told: string
}) {
  const t = useWords(words)
  const arcs = useMemo(() => {
    const to = (centre: number) =>
      PLACES.map((place) => Math.acos(Math.min(Math.max(Math.cos(place - centre), -1), 1)))
    return runs(boundaryHolders(marginAdvantage(margins), to(-between / 2), to(between / 2)))
  }, [margins, between])
  const step = radians(0.5)
  return (
    <figure>
      <svg viewBox="-114 -114 228 228" role="img" aria-label={told}>
        {arcs.map(({ holder, from, to }) => (
          <path
            key={from}
            d={arc(PLACES[from]! - step / 2, PLACES[to]! + step / 2, RADIUS)}
            className={`band holder-${holder}`}
          />
        ))}
        {[-between / 2, between / 2].map((angle, i) => (
          <g key={angle}>
            <line
              x2={RADIUS * Math.sin(angle)}
              y2={-RADIUS * Math.cos(angle)}
              className={`ray holder-${i + 1}`}
            />
            <text x={102 * Math.sin(angle)} y={4 - 102 * Math.cos(angle)}>
              {i === 0 ? 'W₁' : 'W₂'}
            </text>
          </g>
        ))}
      </svg>
      <figcaption>{t.circleFigure}</figcaption>
    </figure>
  )
}

/** Neighbours with one holder. */
function runs(holders: Uint8Array): { holder: number; from: number; to: number }[] {
  const found: { holder: number; from: number; to: number }[] = []
  holders.forEach((holder, i) => {
    const last = found.at(-1)
    if (last?.holder === holder) last.to = i
    else found.push({ holder, from: i, to: i })
  })
  return found
}
