import { boundaryAngles, marginAdvantage } from '@arcface/evaluate'
import { useWords } from '../../language/language.js'
import { Facts } from '../../ui/page.js'
import { Answer } from './answer.js'
import { answers } from './answers.js'
import { useDrawn, useWriting } from './context.js'
import { Formula } from './math.js'
import { words } from './words.js'

const RADIUS = 100

/** A place on the circle; 0 is up. */
const at = (angle: number, radius = RADIUS): [number, number] => [
  radius * Math.sin(angle),
  -radius * Math.cos(angle),
]

/** The arc from one angle to a larger one. */
export function arc(from: number, to: number, radius: number): string {
  const [x, y] = at(to, radius)
  return `M${at(from, radius).join(' ')}A${radius} ${radius} 0 ${to - from > Math.PI ? 1 : 0} 1 ${x} ${y}`
}

/** Angle, arc, chord and cosine of one sample, and as what the loss sees it. */
export function Sample() {
  const t = useWords(words)
  const a = useWords(answers)
  const { fixed, degree } = useWriting()
  const { theta, margins } = useDrawn().settings
  // A sample without a margin would have the same logit there.
  const as = boundaryAngles(marginAdvantage(margins), Float64Array.of(theta))[0]!
  const isSeen = !Number.isNaN(as)
  const seen = isSeen ? t.asIf(degree(as)) : t.asIfNowhere
  const chord = fixed(2 * Math.sin(theta / 2), 3)
  const [x, y] = at(theta)
  return (
    <section className="card part" aria-labelledby="part-sample">
      <h2 id="part-sample">{t.sampleTitle}</h2>
      <div className="beside">
        <div className="stack">
          <svg viewBox="-130 -125 260 250" role="img" aria-label={t.arcFigure(degree(theta), seen)}>
            <circle r={RADIUS} className="outline" />
            {isSeen && as > theta && <path d={arc(theta, as, RADIUS + 6)} className="second" />}
            <path d={arc(0, theta, RADIUS)} className="first" />
            <line x1={0} y1={-RADIUS} x2={x} y2={y} className="chord" />
            <line x1={0} y1={0} x2={0} y2={-RADIUS} className="ray" />
            <line x1={0} y1={0} x2={x} y2={y} className="ray" />
            <path d={arc(0, theta, 24)} className="ray" />
            <text x={0} y={-RADIUS - 10}>
              W
            </text>
            <text x={at(theta, RADIUS + 18)[0]} y={at(theta, RADIUS + 18)[1] + 4}>
              x
            </text>
            <text x={at(theta / 2, 38)[0]} y={at(theta / 2, 38)[1] + 4}>
              θ
            </text>
          </svg>
          <Facts
            facts={[
              [t.degrees, degree(theta)],
              [t.geodesicDistance, fixed(theta, 3)],
              [t.chord, chord],
              [t.cosine, fixed(Math.cos(theta), 3)],
            ]}
          />
          <p>{seen}</p>
          <Formula
            label={t.formula(t.sampleTitle)}
            lines={[
              ['d ( x , W_y )', 'arccos ( x · W_y )'],
              ['', `θ_y = ${degree(theta)} = ${fixed(theta, 3)}`],
            ]}
          />
        </div>
        <div className="stack">
          <Answer to="geodesic">
            <p>{a.geodesic(fixed(theta, 3), chord)}</p>
          </Answer>
          <Answer to="normalise">
            <p>{a.normalise}</p>
          </Answer>
          <Answer to="own">
            <p>{a.own(seen)}</p>
          </Answer>
        </div>
      </div>
    </section>
  )
}
