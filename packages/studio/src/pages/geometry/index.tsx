import { memo, useDeferredValue, useMemo, useState } from 'react'
import { useWords } from '../../language/language.js'
import { Page } from '../../ui/page.js'
import { QUESTIONS, questions } from './answers.js'
import { Boundary } from './boundary.js'
import { DrawnContext } from './context.js'
import { Controls } from './controls.js'
import './geometry.css'
import { Gradient } from './gradient.js'
import { Room } from './room.js'
import { Sample } from './sample.js'
import { Scale } from './scale.js'
import { FIRST, type PresetName, type Settings } from './settings.js'
import { Target } from './target.js'
import { words } from './words.js'

/** What margins do to angles, to be played with; what is drawn is computed here. */
export default function Geometry() {
  const t = useWords(words)
  const [settings, setSettings] = useState<Settings>(FIRST)
  const [beside, setBeside] = useState<readonly PresetName[]>(['norm-softmax', 'cosface'])
  const drawn = useMemo(() => ({ settings, beside }), [settings, beside])
  // Sliders answer at once; what is drawn follows as fast as it can.
  const following = useDeferredValue(drawn)
  return (
    <Page title={t.title} told={t.told}>
      <div className="geometry">
        <DrawnContext value={drawn}>
          <Controls onChange={setSettings} onBeside={setBeside} />
        </DrawnContext>
        <DrawnContext value={following}>
          <Parts />
        </DrawnContext>
      </div>
    </Page>
  )
}

const Parts = memo(() => (
  <div className="parts">
    <Questions />
    <Sample />
    <Target />
    <Gradient />
    <Scale />
    <Boundary />
    <Room />
  </div>
))

/** Leads to the answers. */
function Questions() {
  const t = useWords(words)
  const q = useWords(questions)
  return (
    <nav className="card stack" aria-label={t.questions}>
      <h2>{t.questions}</h2>
      <ol>
        {QUESTIONS.map((one) => (
          <li key={one}>
            <a href={`#${one}`}>{q[one]}</a>
          </li>
        ))}
      </ol>
    </nav>
  )
}
