import { useMemo, useState } from 'react'
import { useInAddress } from '../../../api/place.js'
import { useWords } from '../../../language/language.js'
import { mayDo, useSession } from '../../../session/session.js'
import { useStartTask, useTask } from '../../../tasks/task.js'
import { TaskView } from '../../../tasks/task-view.js'
import { Button } from '../../../ui/button.js'
import { SliderField } from '../../../ui/field.js'
import { Loaded, Notice, Problem } from '../../../ui/problem.js'
import { useDrawn } from '../context.js'
import { Player } from './player.js'
import { toyRuns } from './result.js'
import { words } from './words.js'

const NONE = { m1: 1, m2: 0, m3: 0 }

/** Trains the toy under the margins chosen, as a task of the server, and plays what became of it. */
export function Toy() {
  const t = useWords(words)
  const { data: session } = useSession()
  const [id, setId] = useInAddress('toy')
  const isFor = session !== undefined && mayDo(session, 'admin', true)
  return (
    <div className="stack">
      <p>{t.told}</p>
      {isFor ? (
        <>
          <Start isAgain={id !== null} onStart={(task) => setId(task, { replace: true })} />
          {id !== null && <Trained id={id} />}
        </>
      ) : (
        <Notice>{t.notFor}</Notice>
      )}
    </div>
  )
}

function Start({ isAgain, onStart }: { isAgain: boolean; onStart(task: string): void }) {
  const t = useWords(words)
  const { margins } = useDrawn().settings
  const [scale, setScale] = useState(16)
  const [seed, setSeed] = useState(1)
  const [error, setError] = useState<unknown>(null)
  const [isBusy, setBusy] = useState(false)
  const startTask = useStartTask()
  const start = async () => {
    setBusy(true)
    setError(null)
    try {
      const losses = [margins, NONE].map((one) => ({ ...one, scale }))
      onStart((await startTask({ kind: 'toy', losses, seed })).id)
    } catch (thrown) {
      setError(thrown)
    } finally {
      setBusy(false)
    }
  }
  return (
    <>
      <div className="start">
        <SliderField
          {...{ label: t.scale, min: 1, max: 64, step: 1, value: scale }}
          onChange={setScale}
        />
        <SliderField
          {...{ label: t.seed, min: 1, max: 20, step: 1, value: seed }}
          onChange={setSeed}
        />
      </div>
      <div>
        <Button kind="main" disabled={isBusy} onClick={start}>
          {isAgain ? t.again : t.train}
        </Button>
      </div>
      {error !== null && <Problem error={error} />}
    </>
  )
}

function Trained({ id }: { id: string }) {
  const t = useWords(words)
  const query = useTask(id)
  const { state, result } = query.data ?? {}
  const runs = useMemo(() => (state === 'done' ? toyRuns(result) : null), [state, result])
  return (
    <Loaded query={query}>
      {(task) => (
        <>
          {runs && <Player key={task.id} runs={runs} />}
          {state === 'done' && !runs && <Notice kind="bad">{t.unread}</Notice>}
          <TaskView task={task} />
        </>
      )}
    </Loaded>
  )
}
