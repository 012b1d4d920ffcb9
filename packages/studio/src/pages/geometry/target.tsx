import { sampleLoss, turningAngle } from '@arcface/evaluate'
import { useWords } from '../../language/language.js'
import { Answer } from './answer.js'
import { answers } from './answers.js'
import { Chart } from './chart.js'
import { useDrawn, useWriting } from './context.js'
import { targetCurve } from './curves.js'
import { Formula, fraction, power, row, sumOfOthers } from './math.js'
import type { Settings } from './settings.js'
import { words } from './words.js'

const curve = ({ margins }: Settings) => targetCurve(margins)

/** Equation 4 of the paper. */
const own = power('e', 's ( cos ( m_1 θ_y + m_2 ) − m_3 )')
const LOSS = row('− log', fraction(own, row(own, '+', sumOfOthers, power('e', 's cos θ_j'))))

/** The logit of the true class, and the loss that it stands in. */
export function Target() {
  const t = useWords(words)
  const a = useWords(answers)
  const { fixed, degree } = useWriting()
  const { settings } = useDrawn()
  const { margins, scale, theta } = settings
  const { m1, m2, m3 } = margins
  const turn = turningAngle(margins)
  const { logit } = sampleLoss(settings)
  const put =
    theta < turn
      ? `${fixed(scale, 0)} ( cos ( ${fixed(m1, 2)} · ${degree(theta)} + ${degree(m2)} ) − ${fixed(m3, 2)} )`
      : m1 === 1
        ? `${fixed(scale, 0)} ( cos ${degree(theta)} − ${fixed(m2, 2)} sin ${degree(m2)} − ${fixed(m3, 2)} )`
        : `${fixed(scale, 0)} ( cos ${degree(theta)} − 1 − cos ${degree(turn)} − ${fixed(m3, 2)} )`
  const step = Math.cos(m2) + m2 * Math.sin(m2) - 1
  return (
    <section className="card part" aria-labelledby="part-target">
      <h2 id="part-target">{t.targetTitle}</h2>
      <div className="beside">
        <div className="stack">
          <Chart label={t.targetChart} curve={curve} format={(value) => fixed(value, 2)} />
          <Formula
            label={t.formula(t.targetTitle)}
            lines={[
              ['L', LOSS],
              ['z_y', 's ( cos ( m_1 θ_y + m_2 ) − m_3 )'],
              ['', put],
              ['', fixed(logit, 2)],
            ]}
          />
        </div>
        <div className="stack">
          <Answer to="kinds">
            <p>{a.kinds}</p>
          </Answer>
          <Answer to="turn">
            {turn < Math.PI ? (
              <p>
                {a.turnPasses(degree(turn))} {m1 === 1 ? a.turnLine(fixed(step, 3)) : a.turnSmooth}{' '}
                {a.turnRest}
              </p>
            ) : (
              <p>{a.turnNever}</p>
            )}
          </Answer>
        </div>
      </div>
    </section>
  )
}
