import { boundaryGaps, marginAdvantage, radians } from '@arcface/evaluate'
import { useWords } from '../../language/language.js'
import { Answer } from './answer.js'
import { answers } from './answers.js'
import { useDrawn, useWriting } from './context.js'
import { Toy } from './toy/toy.js'
import { words } from './toy/words.js'

/** Between eight centres that stand evenly on a circle. */
const EIGHTH = radians(45)

/** What room a margin needs, and what training makes of it. */
export function Room() {
  const t = useWords(words)
  const a = useWords(answers)
  const { degree } = useWriting()
  const { margins } = useDrawn().settings
  const gap = boundaryGaps(marginAdvantage(margins), Float64Array.of(EIGHTH))[0]!
  return (
    <section className="card part" aria-labelledby="part-toy">
      <h2 id="part-toy">{t.title}</h2>
      <Answer to="room">
        <p>{a.roomCentres(degree(Math.max(0, gap)))}</p>
        <p>{a.roomTraining}</p>
      </Answer>
      <Toy />
    </section>
  )
}
