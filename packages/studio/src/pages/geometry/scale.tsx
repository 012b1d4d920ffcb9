import { sampleLoss } from '@arcface/evaluate'
import { useWords } from '../../language/language.js'
import { Answer } from './answer.js'
import { answers } from './answers.js'
import { Chart } from './chart.js'
import { useDrawn, useWriting } from './context.js'
import { DEGREES, highest, probabilityCurve, scaleFor } from './curves.js'
import { Formula, fraction, power, row } from './math.js'
import { words } from './words.js'

/** What the scale and the number of classes make of the probability. */
export function Scale() {
  const t = useWords(words)
  const a = useWords(answers)
  const { fixed, degree, count, small } = useWriting()
  const { settings } = useDrawn()
  const { classes, other } = settings
  const { probability, logit, otherLogit } = sampleLoss(settings)
  const curve = probabilityCurve(settings)
  const half = curve.findIndex((one) => one < 0.5)
  const needed = scaleFor(settings, 0.999)
  return (
    <section className="card part" aria-labelledby="part-scale">
      <h2 id="part-scale">{t.scaleTitle}</h2>
      <div className="beside">
        <div className="stack">
          <Chart
            label={t.probabilityChart}
            curve={probabilityCurve}
            format={(value) => fixed(value, 2)}
          />
          <Formula
            label={t.formula(t.scaleTitle)}
            lines={[
              ['p', fraction('1', row('1 + ( N − 1 )', power('e', 's cos θ_j − z_y')))],
              [
                '',
                fraction(
                  '1',
                  row(
                    `1 + ${count(classes - 1)}`,
                    power('e', `${fixed(otherLogit, 2)} − ${signed(fixed(logit, 2))}`),
                  ),
                ),
              ],
              ['', small(probability)],
            ]}
          />
        </div>
        <Answer to="scale">
          <p>{a.scaleSmall(count(classes), degree(other), small(highest(settings)))}</p>
          <p>
            {a.scaleLarge(
              half === 0 ? a.scaleBelow : half < 0 ? a.scaleAbove : a.scaleAt(`${DEGREES[half]!}°`),
              Number.isFinite(needed) ? fixed(needed, 1) : a.scaleNone,
            )}
          </p>
        </Answer>
      </div>
    </section>
  )
}

/** A negative number behind a minus stands in brackets. */
const signed = (text: string) => (text.startsWith('−') ? `( ${text} )` : text)
