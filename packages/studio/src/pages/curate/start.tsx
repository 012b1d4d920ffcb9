import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api, data } from '../../api/client.js'
import { useWorkspace } from '../../api/workspace.js'
import { useNumbers, useWords } from '../../language/language.js'
import { useStartTask } from '../../tasks/task.js'
import { TaskState } from '../../tasks/task-view.js'
import { Button } from '../../ui/button.js'
import { PlaceField } from '../../ui/place-field.js'
import { Empty, Loaded, Notice, Problem } from '../../ui/problem.js'
import { words } from './words.js'

/** What is proposed for each parameter. */
const FIELDS = {
  roots: ['people'],
  model: ['run', 'model'],
  run: ['run'],
  against: ['people', 'archive', 'pairs'],
  list: ['list'],
  groups: ['list', 'file', 'pairs'],
} as const
type Field = keyof typeof FIELDS
const NAMES = Object.keys(FIELDS) as Field[]

/** Which data set to look through, and those that were. */
export function Start({ onStarted }: { onStarted(task: string): void }) {
  const t = useWords(words)
  const startTask = useStartTask()
  const [given, setGiven] = useState<Record<Field, string>>({
    ...{ roots: '', model: '', run: '', against: '', list: '', groups: '' },
  })
  const workspace = useWorkspace()
  const start = useMutation({
    mutationFn: () => {
      const more = Object.fromEntries(
        NAMES.filter((name) => name !== 'roots' && given[name] !== '').map((name) => [
          name,
          given[name],
        ]),
      )
      const body = { kind: 'suspects' as const, roots: [given.roots], ...more }
      return startTask(body)
    },
    onSuccess: ({ id }) => onStarted(id),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    start.mutate()
  }
  return (
    <div className="curate-start">
      <form className="card stack" onSubmit={submit} aria-labelledby="curate-start">
        <h2 id="curate-start">{t.start}</h2>
        {workspace.data?.commands === false && <Notice kind="warn">{t.noCommands}</Notice>}
        {NAMES.map((name) => (
          <PlaceField
            key={name}
            label={t[name]}
            told={t[`${name}Told`]}
            kinds={FIELDS[name]}
            value={given[name]}
            onChange={(value) => setGiven((before) => ({ ...before, [name]: value }))}
          />
        ))}
        {start.error && <Problem error={start.error} />}
        <div className="row">
          <Button kind="main" type="submit" disabled={given.roots === '' || start.isPending}>
            {t.look}
          </Button>
        </div>
      </form>
      <Earlier onOpen={onStarted} />
    </div>
  )
}

function Earlier({ onOpen }: { onOpen(task: string): void }) {
  const t = useWords(words)
  const { date } = useNumbers()
  const tasks = useQuery({ queryKey: ['tasks'], queryFn: () => data(api.GET('/v1/tasks')) })
  return (
    <section className="card stack" aria-labelledby="curate-earlier">
      <h2 id="curate-earlier">{t.earlier}</h2>
      <Loaded query={tasks}>
        {({ tasks }) => {
          const own = tasks.filter(({ kind }) => kind === 'suspects')
          if (own.length === 0) return <Empty>{t.nothingBefore}</Empty>
          return (
            <ul className="curate-earlier">
              {own.map((task) => (
                <li key={task.id}>
                  <Button onClick={() => onOpen(task.id)}>
                    <bdi>{[task.parameters.roots].flat().join(', ')}</bdi>
                  </Button>
                  <span className="muted">{date(task.created)}</span>
                  {task.state !== 'done' && <TaskState task={task} />}
                </li>
              ))}
            </ul>
          )
        }}
      </Loaded>
    </section>
  )
}
