import { useState } from 'react'
import { Link, useLocation } from 'wouter'
import { ProblemError } from '../../api/client.js'
import { fileOf } from '../../api/files.js'
import { useNumbers, useWords } from '../../language/language.js'
import { isOver, type Task, type TaskRequest, useStartTask, useTask } from '../../tasks/task.js'
import { TaskView } from '../../tasks/task-view.js'
import { Button } from '../../ui/button.js'
import { Facts, Page } from '../../ui/page.js'
import { Loaded, Notice } from '../../ui/problem.js'
import { useTell } from '../../ui/toasts.js'
import { TaskFiles } from './files.js'
import { TaskLog } from './log.js'
import { RemoveTask } from './remove.js'
import { secondsOf } from './times.js'
import { useKindName } from './use-kind.js'
import { words } from './words.js'

/** A task: how far it is, what it says, and what it came to. */
export function OneTask({ id }: { id: string }) {
  const t = useWords(words)
  const nameOf = useKindName()
  const query = useTask(id)
  const isNone = query.error instanceof ProblemError && query.error.status === 404
  return (
    <Page
      title={query.data ? nameOf(query.data.kind) : isNone ? t.nothing : t.title}
      told={<Link href="/tasks">{t.all}</Link>}
      actions={query.data && <Actions task={query.data} />}
    >
      {isNone ? (
        <Notice kind="warn">{t.nothingTold}</Notice>
      ) : (
        <Loaded query={query}>{(task) => <Whole task={task} />}</Loaded>
      )}
    </Page>
  )
}

function Actions({ task }: { task: Task }) {
  const t = useWords(words)
  const tell = useTell()
  const start = useStartTask()
  const [, go] = useLocation()
  const [isRemoving, setRemoving] = useState(false)
  if (!isOver(task)) return null
  const again = async () => {
    try {
      const { id } = await start({ kind: task.kind, ...task.parameters } as TaskRequest)
      go(`/tasks/${id}`)
    } catch (error) {
      tell((error as Error).message, undefined, 'bad')
    }
  }
  return (
    <>
      <Button onClick={() => void again()}>{t.again}</Button>
      <Button kind="danger" onClick={() => setRemoving(true)}>
        {t.remove}
      </Button>
      {isRemoving && (
        <RemoveTask
          task={task}
          onClose={() => setRemoving(false)}
          onRemoved={() => go('/tasks', { replace: true })}
        />
      )}
    </>
  )
}

function Whole({ task }: { task: Task }) {
  const t = useWords(words)
  const { date, duration } = useNumbers()
  const seconds = secondsOf(task, Date.now())
  return (
    <>
      <TaskView task={task} />
      <Facts
        facts={[
          [t.created, date(task.created)],
          [t.took, seconds === null ? '–' : duration(seconds)],
          [t.folder, <code key="folder">{task.folder}</code>],
          [t.parameters, <Json key="parameters" value={task.parameters} />],
        ]}
      />
      <TaskLog task={task} />
      {isOver(task) && <Result task={task} />}
      <TaskFiles task={task} />
    </>
  )
}

/** Of a result that is longer the beginning is shown. */
const SHOWN = 20_000

function Result({ task: { result, state, folder } }: { task: Task }) {
  const t = useWords(words)
  if (result === null && state !== 'done') return null
  const isCut = JSON.stringify(result, null, 2).length > SHOWN
  return (
    <section className="stack" aria-label={t.result}>
      <h2>{t.result}</h2>
      {result === null ? (
        <p className="muted">{t.noResult}</p>
      ) : (
        <>
          {isCut && (
            <p className="muted">
              {t.cut} <a href={fileOf(`${folder}/out.json`)}>out.json</a>
            </p>
          )}
          <Json value={result} />
        </>
      )}
    </section>
  )
}

const Json = ({ value }: { value: unknown }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: a long one is scrolled by keyboard
  <pre className="said" tabIndex={0}>
    {JSON.stringify(value, null, 2).slice(0, SHOWN)}
  </pre>
)
