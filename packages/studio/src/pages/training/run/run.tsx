import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import { Link } from 'wouter'
import { api, data, type Schema } from '../../../api/client.js'
import { fileOf } from '../../../api/files.js'
import { useInAddress } from '../../../api/place.js'
import { useNumbers, useWords } from '../../../language/language.js'
import { isOver, useStartTask, useTask } from '../../../tasks/task.js'
import { TaskView } from '../../../tasks/task-view.js'
import { Button } from '../../../ui/button.js'
import type { Range } from '../../../ui/charts/lines.js'
import { Page } from '../../../ui/page.js'
import { Loaded, Notice, Problem } from '../../../ui/problem.js'
import { useTell } from '../../../ui/toasts.js'
import { within } from '../chart/moved.js'
import { RangeBar } from '../chart/range.js'
import { isBeingRead, type Measured } from '../measured.js'
import { StateTag } from '../state-tag.js'
import { words } from '../words.js'
import { Charts } from './charts.js'
import { Kept } from './kept.js'
import { runQuery, useCloser, useMeasured } from './metrics.js'
import { Pictures } from './pictures.js'
import { Verifications } from './verifications.js'

type WholeRun = Schema<'WholeRun'>

/** A run as it is trained. */
export function Run({ run }: { run: string }) {
  const t = useWords(words)
  const query = useQuery({
    ...runQuery(run),
    refetchInterval: ({ state }) => (state.data?.state === 'running' ? 3000 : 10_000),
  })
  const [task, setTask] = useInAddress('task')
  return (
    <Page
      title={run}
      told={<Link href="/training">{t.back}</Link>}
      actions={
        query.data && <Actions whole={query.data} onTask={(id) => setTask(id, { replace: true })} />
      }
    >
      <Loaded query={query}>
        {(whole) => (
          <>
            <Standing whole={whole} />
            {task !== null && <Task id={task} />}
            <Measures run={run} whole={whole} />
          </>
        )}
      </Loaded>
    </Page>
  )
}

/** Of the task that trains it, while it has something to say. */
function Task({ id }: { id: string }) {
  const { data: task } = useTask(id)
  if (!task || task.state === 'done' || task.state === 'running') return null
  return (
    <section className="card">
      <TaskView task={task} />
    </section>
  )
}

function Standing({ whole }: { whole: WholeRun }) {
  const t = useWords(words)
  const n = useNumbers()
  const { run, state, problem, step, steps, loss, backbone, started } = whole
  const text = steps === null ? n.count(step) : t.of(n.count(step), n.count(steps))
  return (
    <section className="card stack" aria-label={t.state}>
      <div className="row">
        <StateTag state={state} />
        <progress
          className="grow"
          aria-label={t.progress(run)}
          {...(steps !== null && { value: step, max: steps })}
          {...(steps === null && state !== 'running' && { value: 0, max: 1 })}
        />
        <span className="numbers">
          {t.step} {text}
        </span>
      </div>
      {problem && <Notice kind="bad">{problem}</Notice>}
      <p className="muted">
        {[loss, backbone].filter(Boolean).join(' · ')} · {t.started} {n.date(started)}
      </p>
    </section>
  )
}

function Actions({ whole, onTask }: { whole: WholeRun; onTask(id: string): void }) {
  const t = useWords(words)
  const tell = useTell()
  const queries = useQueryClient()
  const startTask = useStartTask()
  const [id] = useInAddress('task')
  const task = useTask(id).data
  const [error, setError] = useState<unknown>(null)
  const { run, state, report } = whole
  const isGoing = task !== undefined && !isOver(task)
  const doing = (work: () => Promise<unknown>) => async () => {
    setError(null)
    try {
      await work()
      await queries.invalidateQueries({ queryKey: ['run', run] })
    } catch (thrown) {
      setError(thrown)
    }
  }
  const stop = doing(async () => {
    await data(api.POST('/v1/runs/stop', { body: { run } }))
    tell(t.stopping)
  })
  const resume = doing(async () => {
    onTask((await startTask({ kind: 'resume', run })).id)
    tell(t.resumed)
  })
  return (
    <>
      {error !== null && <Problem error={error} />}
      {report && (
        <a className="button" href={fileOf(report)} download>
          {t.report}
        </a>
      )}
      {state === 'running' && (
        <Button kind="main" onClick={stop}>
          {t.stop}
        </Button>
      )}
      {state === 'stopped' && (
        <Button kind="main" disabled={isGoing} onClick={resume}>
          {t.resume}
        </Button>
      )}
    </>
  )
}

function Measures({ run, whole }: { run: string; whole: WholeRun }) {
  const t = useWords(words)
  const n = useNumbers()
  const { whole: query, stream } = useMeasured(run)
  return (
    <>
      {stream === 'gone' && <Notice kind="warn">{t.gone}</Notice>}
      <Pictures pictures={whole.pictures} />
      <Loaded query={query}>
        {(measured) => (
          <>
            {measured.torn > 0 && <Notice kind="warn">{t.torn(n.count(measured.torn))}</Notice>}
            {isBeingRead(measured) && (
              <Notice>{t.reading(n.rate(measured.read / measured.bytes, 2))}</Notice>
            )}
            {measured.step.length === 0 ? (
              <p className="muted">{t.noMetrics}</p>
            ) : (
              <Drawn run={run} whole={measured} />
            )}
            <Verifications verification={measured.verification} failures={measured.failures} />
          </>
        )}
      </Loaded>
      <Kept whole={whole} />
    </>
  )
}

/** The charts, of all steps or of a part of them. */
function Drawn({ run, whole }: { run: string; whole: Measured }) {
  const [range, setRange] = useState<Range | null>(null)
  const [first, last] = [whole.step[0]!, whole.step.at(-1)!]
  const choose = useCallback(
    (asked: Range | null) => setRange(asked && within(asked, [first, last])),
    [first, last],
  )
  const measured = useCloser(run, whole, range)
  return (
    <>
      <RangeBar whole={[first, last]} range={range} onRange={choose} />
      <Charts measured={measured} range={range} onRange={choose} />
    </>
  )
}
