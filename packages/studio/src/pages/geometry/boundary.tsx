import { boundaryGaps, degrees, marginAdvantage, radians } from '@arcface/evaluate'
import { useState } from 'react'
import { useWords } from '../../language/language.js'
import { SliderField } from '../../ui/field.js'
import { Facts } from '../../ui/page.js'
import { Answer } from './answer.js'
import { answers } from './answers.js'
import { Circle, Plane } from './boundary-pictures.js'
import { BoundarySphere } from './boundary-sphere.js'
import { Chart } from './chart.js'
import { useDrawn, useWriting } from './context.js'
import { widthCurve } from './curves.js'
import { Formula } from './math.js'
import { type Settings, toDegrees } from './settings.js'
import { words } from './words.js'

const width = ({ margins }: Settings) => widthCurve(margins)

/** Where one class ends and the other begins: by angles, on the circle, on the sphere. */
export function Boundary() {
  const t = useWords(words)
  const a = useWords(answers)
  const { fixed, degree } = useWriting()
  const { margins } = useDrawn().settings
  const [between, setBetween] = useState(radians(90))
  const found = boundaryGaps(marginAdvantage(margins), Float64Array.of(between))[0]!
  const gap = degree(Math.abs(found))
  const { m1, m2, m3 } = margins
  return (
    <section className="card part" aria-labelledby="part-boundary">
      <h2 id="part-boundary">{t.boundaryTitle}</h2>
      <SliderField
        {...{ label: t.between, min: 1, max: 180, step: 1 }}
        value={toDegrees(between)}
        onChange={(value) => setBetween(radians(value))}
      />
      <Facts facts={[[found < -1e-6 ? t.overlap : t.gap, gap]]} />
      <ul className="legend">
        {[t.class1, t.class2, t.neither].map((name, i) => (
          <li key={name}>
            <span className={`mark holder-${(i + 1) % 3}`} /> {name}
          </li>
        ))}
      </ul>
      <div className="pictures">
        <Plane margins={margins} />
        <Circle {...{ margins, between }} told={t.boundaryTold(gap)} />
        <BoundarySphere {...{ margins, between }} told={t.boundaryTold(gap)} />
      </div>
      <div className="beside">
        <div className="stack">
          <Chart label={t.widthChart} curve={width} format={(value) => `${fixed(value, 0)}°`} />
          <Formula
            label={t.formula(t.boundaryTitle)}
            lines={[
              ['cos θ_2', 'cos ( m_1 θ_1 + m_2 ) − m_3'],
              ['', `cos ( ${fixed(m1, 2)} · θ_1 + ${fixed(degrees(m2), 1)}° ) − ${fixed(m3, 2)}`],
            ]}
          />
        </div>
        <div className="stack">
          <Answer to="constant">
            <p>{a.constantRule}</p>
            <p>{a.constantCosine}</p>
          </Answer>
          <Answer to="band">
            <p>{a.band(gap)}</p>
          </Answer>
        </div>
      </div>
    </section>
  )
}
