import { useNumbers, useWords } from '../../language/language.js'
import { Button } from '../../ui/button.js'
import { Tag } from '../../ui/page.js'
import { Empty } from '../../ui/problem.js'
import { type Column, DataTable } from '../../ui/table.js'
import { isOver, type ListedTask, parameter, useStop } from './tasks.js'
import { words } from './words.js'

/** What was measured: one is shown, and another may stand beside it. */
export function Measured({
  tasks,
  shown,
  beside,
  onShow,
  onBeside,
}: {
  tasks: readonly ListedTask[]
  shown: string | null
  beside: string | null
  onShow(task: string): void
  onBeside(task: string | undefined): void
}) {
  const t = useWords(words)
  const numbers = useNumbers()
  const stop = useStop()
  if (tasks.length === 0) return <Empty>{t.none}</Empty>
  const columns: Column<ListedTask>[] = [
    {
      id: 'model',
      header: t.model,
      cell: (task) => <bdi>{parameter(task, 'model')}</bdi>,
      value: (task) => parameter(task, 'model') ?? '',
    },
    {
      id: 'set',
      header: t.set,
      cell: (task) => <SetName task={task} />,
      value: (task) => parameter(task, 'pairs') ?? parameter(task, 'images') ?? '',
    },
    {
      id: 'state',
      header: t.state,
      cell: (task) => <State task={task} />,
      value: ({ state }) => state,
    },
    {
      id: 'when',
      header: t.when,
      cell: ({ created }) => numbers.date(created),
      value: ({ created }) => created,
    },
    {
      id: 'do',
      header: '',
      align: 'end',
      cell: (task) => (
        <div className="row evaluate-end">
          {!isOver(task) && <Button onClick={() => stop.mutate(task.id)}>{t.stop}</Button>}
          {task.state === 'done' && (
            <>
              <Button aria-pressed={task.id === shown} onClick={() => onShow(task.id)}>
                {task.id === shown ? t.shown : t.open}
              </Button>
              {task.id !== shown && shown !== null && (
                <Button
                  aria-pressed={task.id === beside}
                  onClick={() => onBeside(task.id === beside ? undefined : task.id)}
                >
                  {task.id === beside ? t.notBeside : t.beside}
                </Button>
              )}
            </>
          )}
        </div>
      ),
    },
  ]
  return (
    <DataTable
      rows={tasks}
      columns={columns}
      keyOf={({ id }) => id}
      label={t.measured}
      height="22rem"
    />
  )
}

function SetName({ task }: { task: ListedTask }) {
  const t = useWords(words)
  const pairs = parameter(task, 'pairs')
  return <bdi>{pairs ?? t.allPairs(parameter(task, 'images') ?? '')}</bdi>
}

function State({ task: { state, progress, problem } }: { task: ListedTask }) {
  const t = useWords(words)
  const numbers = useNumbers()
  const kind = ({ done: 'good', failed: 'bad', lost: 'bad', running: 'accent' } as const)[
    state as 'done'
  ]
  return (
    <div>
      <Tag kind={kind}>{t[state]}</Tag>
      {state === 'running' && progress && (
        <div className="muted">
          {t.part(
            numbers.count(progress.done),
            progress.total === null ? '?' : numbers.count(progress.total),
            progress.what,
          )}
        </div>
      )}
      {problem && (
        <div className="evaluate-problem">
          <bdi>{problem.message}</bdi>
        </div>
      )}
    </div>
  )
}
