import { useQueryClient } from '@tanstack/react-query'
import { useNumbers, useWords } from '../../language/language.js'
import { isOver, type ListedTask, stopTask } from '../../tasks/task.js'
import { TaskProgress, TaskState } from '../../tasks/task-view.js'
import { Button } from '../../ui/button.js'
import { Empty } from '../../ui/problem.js'
import { type Column, DataTable } from '../../ui/table.js'
import { useTell } from '../../ui/toasts.js'
import { parameter } from './tasks.js'
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
  const queries = useQueryClient()
  const tell = useTell()
  const stop = ({ id }: ListedTask) =>
    stopTask(queries, id).catch((error: Error) => tell(t.stop, error.message, 'bad'))
  if (tasks.length === 0) return <Empty>{t.none}</Empty>
  const columns: Column<ListedTask>[] = [
    {
      id: 'model',
      header: t.model,
      cell: (task) => <Name task={task} />,
      value: (task) => parameter(task, 'model') ?? '',
    },
    {
      id: 'state',
      header: t.state,
      cell: (task) => <State task={task} />,
      value: ({ state }) => state,
    },
    {
      id: 'do',
      header: t.actions,
      align: 'end',
      cell: (task) => (
        <div className="row evaluate-end">
          {!isOver(task) && <Button onClick={() => void stop(task)}>{t.stop}</Button>}
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

/** The model, its pairs, and when: under each other, so that all fits on a telephone. */
function Name({ task }: { task: ListedTask }) {
  const t = useWords(words)
  const { date } = useNumbers()
  const pairs = parameter(task, 'pairs')
  return (
    <div className="evaluate-name">
      <strong>
        <bdi>{parameter(task, 'model')}</bdi>
      </strong>
      <bdi>{pairs ?? t.allPairs(parameter(task, 'images') ?? '')}</bdi>
      <span className="muted">{date(task.created)}</span>
    </div>
  )
}

function State({ task }: { task: ListedTask }) {
  return (
    <div className="evaluate-state">
      <TaskState task={task} />
      {!isOver(task) && <TaskProgress task={task} />}
      {task.problem && (
        <div className="evaluate-problem">
          <bdi>{task.problem.message}</bdi>
        </div>
      )}
    </div>
  )
}
