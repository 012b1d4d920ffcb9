import { namedMargins, sampleLoss, targetSlope, turningAngle } from '@arcface/evaluate'
import { useWords } from '../../language/language.js'
import { Answer } from './answer.js'
import { answers } from './answers.js'
import { Chart } from './chart.js'
import { useDrawn, useWriting } from './context.js'
import { pullCurve, slopeCurve } from './curves.js'
import { Formula, fraction } from './math.js'
import type { Settings } from './settings.js'
import { words } from './words.js'

const slope = ({ margins, gradient }: Settings) => slopeCurve(margins, gradient)

/** How strongly a sample is drawn to its centre, and why. */
export function Gradient() {
  const t = useWords(words)
  const a = useWords(answers)
  const { fixed, degree, small } = useWriting()
  const { settings } = useDrawn()
  const { margins, scale, theta, gradient } = settings
  const { byLogit, byTheta } = sampleLoss(settings)
  const plain = sampleLoss({ ...settings, margins: namedMargins['norm-softmax'] })
  // Straight through the margin, and beyond its turning angle, the pull is that of the cosine.
  const isPlain = gradient === 'straight-through' || theta >= turningAngle(margins)
  const pull = -targetSlope(theta, margins, gradient)
  const centre = -targetSlope(0, margins)
  return (
    <section className="card part" aria-labelledby="part-gradient">
      <h2 id="part-gradient">{t.gradientTitle}</h2>
      <div className="beside">
        <div className="stack">
          <Chart label={t.slopeChart} curve={slope} format={(value) => fixed(value, 2)} />
          <Chart label={t.pullChart} curve={pullCurve} format={(value) => fixed(value, 1)} />
          <Formula
            label={t.formula(t.gradientTitle)}
            lines={[
              [fraction('∂ L', '∂ z_y'), `p − 1 = ${small(byLogit)}`],
              [
                fraction('∂ L', '∂ θ_y'),
                isPlain ? '( 1 − p ) s sin θ_y' : '( 1 − p ) s m_1 sin ( m_1 θ_y + m_2 )',
              ],
              [
                '',
                `${small(-byLogit)} · ${fixed(scale, 0)} · ${fixed(pull, 3)} = ${small(byTheta)}`,
              ],
            ]}
          />
        </div>
        <Answer to="gradient">
          <p>{a.gradientSure(degree(theta), small(-byLogit), small(-plain.byLogit))}</p>
          <p>{a.gradientSine(fixed(centre, 3))}</p>
          <p>{a.gradientStraight}</p>
        </Answer>
      </div>
    </section>
  )
}
