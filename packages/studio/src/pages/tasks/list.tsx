import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import { api, data } from '../../api/client.js'
import { useWorkspace } from '../../api/workspace.js'
import { useNumbers, useWords } from '../../language/language.js'
import { isOver, type ListedTask, stopTask } from '../../tasks/task.js'
import { TaskProgress, TaskState } from '../../tasks/task-view.js'
import { Button } from '../../ui/button.js'
import { Page } from '../../ui/page.js'
import { Empty, Loaded, Notice } from '../../ui/problem.js'
import { type Column, DataTable } from '../../ui/table.js'
import { useTell } from '../../ui/toasts.js'
import { RemoveTask } from './remove.js'
import './tasks.css'
import { secondsOf } from './times.js'
import { useKindName } from './use-kind.js'
import { words } from './words.js'

/** How often the list is asked for, while something in it goes on and otherwise. */
const BUSY_MS = 1000
const CALM_MS = 5000

export function TaskList() {
  const t = useWords(words)
  const [removed, setRemoved] = useState<ListedTask | null>(null)
  const workspace = useWorkspace()
  const tasks = useQuery({
    queryKey: ['tasks'],
    queryFn: () => data(api.GET('/v1/tasks')),
    refetchInterval: ({ state }) => (state.data?.tasks.every(isOver) ? CALM_MS : BUSY_MS),
  })
  return (
    <Page title={t.title} told={t.told}>
      {workspace.data?.commands === false && <Notice kind="warn">{t.noCommand}</Notice>}
      <Loaded query={tasks}>
        {({ tasks }) =>
          tasks.length === 0 ? (
            <Empty>{t.none}</Empty>
          ) : (
            <Table tasks={tasks} onRemove={setRemoved} />
          )
        }
      </Loaded>
      {removed && <RemoveTask task={removed} onClose={() => setRemoved(null)} />}
    </Page>
  )
}

function Table({
  tasks,
  onRemove,
}: {
  tasks: readonly ListedTask[]
  onRemove(task: ListedTask): void
}) {
  const t = useWords(words)
  const nameOf = useKindName()
  const { date, duration } = useNumbers()
  const queries = useQueryClient()
  const tell = useTell()
  const stop = async ({ id }: ListedTask) => {
    try {
      await stopTask(queries, id)
      await queries.invalidateQueries({ queryKey: ['tasks'] })
    } catch (error) {
      tell((error as Error).message, undefined, 'bad')
    }
  }
  const columns: Column<ListedTask>[] = [
    {
      ...{ id: 'kind', header: t.kind, value: (one) => nameOf(one.kind) },
      cell: (one) => <Link href={`/tasks/${one.id}`}>{nameOf(one.kind)}</Link>,
    },
    {
      ...{ id: 'state', header: t.state, value: (one) => one.state },
      cell: (one) => (
        <span className="row states">
          <TaskState task={one} />
          {one.problem && <code className="muted">{one.problem.code}</code>}
        </span>
      ),
    },
    {
      ...{ id: 'progress', header: t.progress },
      cell: (one) => !isOver(one) && <TaskProgress task={one} />,
    },
    {
      ...{ id: 'created', header: t.created, value: (one) => one.created },
      cell: (one) => date(one.created),
    },
    {
      ...{ id: 'took', header: t.took, align: 'end', value: (one) => secondsOf(one, Date.now()) },
      cell: (one) => {
        const seconds = secondsOf(one, Date.now())
        return seconds === null ? '–' : duration(seconds)
      },
    },
    {
      ...{ id: 'actions', header: t.actions },
      cell: (one) =>
        isOver(one) ? (
          <Button
            kind="plain"
            aria-label={t.removeOne(nameOf(one.kind))}
            onClick={() => onRemove(one)}
          >
            {t.remove}
          </Button>
        ) : (
          <Button aria-label={t.stopOne(nameOf(one.kind))} onClick={() => void stop(one)}>
            {t.stop}
          </Button>
        ),
    },
  ]
  return (
    <DataTable
      {...{ rows: tasks, columns, label: t.title }}
      keyOf={({ id }) => id}
      sorted={{ id: 'created', desc: true }}
    />
  )
}
