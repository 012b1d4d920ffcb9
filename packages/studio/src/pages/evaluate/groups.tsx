import type { GroupRate, GroupsResult } from '@arcface/evaluate'
import { type FormEvent, useState } from 'react'
import { useNumbers, useWords } from '../../language/language.js'
import { isOver, type ListedTask, useTask } from '../../tasks/task.js'
import { TaskView } from '../../tasks/task-view.js'
import { Button } from '../../ui/button.js'
import { TextField } from '../../ui/field.js'
import { PlaceField } from '../../ui/place-field.js'
import { Empty, Loaded, Problem } from '../../ui/problem.js'
import { DataTable } from '../../ui/table.js'
import { parameter, useStart, useTasks } from './tasks.js'
import { words } from './words.js'

/** Error rates of groups of people at the threshold, by a task of its own. */
export function Groups({ task, threshold }: { task: ListedTask; threshold: number }) {
  const t = useWords(words)
  const images = parameter(task, 'images')
  if (images === undefined) return <Empty>{t.needsImages}</Empty>
  return <GroupsOf key={task.id} {...{ task, images, threshold }} />
}

function GroupsOf({
  task,
  images,
  threshold,
}: {
  task: ListedTask
  images: string
  threshold: number
}) {
  const t = useWords(words)
  const [table, setTable] = useState('')
  const [columns, setColumns] = useState('')
  const start = useStart()
  const tasks = useTasks('groups')
  const model = parameter(task, 'model')!
  const pairs = parameter(task, 'pairs')
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    await start.mutateAsync({
      ...{ kind: 'groups', model, images, threshold, groups: table },
      columns: columns.split(',').flatMap((one) => one.trim() || []),
      flip: task.parameters.flip === true,
      ...(pairs !== undefined && !pairs.endsWith('.bin') && { pairs }),
    })
  }
  return (
    <>
      <p className="muted">{t.groupsTold}</p>
      <form className="stack" onSubmit={(event) => void submit(event).catch(() => {})}>
        <div className="grid">
          <PlaceField
            label={t.groupsTable}
            told={t.groupsTableTold}
            value={table}
            kinds={['file', 'list', 'pairs']}
            onChange={setTable}
          />
          <TextField label={t.columns} value={columns} onChange={setColumns} />
        </div>
        <div>
          <Button type="submit" disabled={table === '' || start.isPending}>
            {t.measureGroups}
          </Button>
        </div>
      </form>
      {start.error && <Problem error={start.error} />}
      <Loaded query={tasks}>
        {(all) => {
          const own = all.filter(
            (one) => parameter(one, 'model') === model && parameter(one, 'images') === images,
          )
          return own.length === 0 ? <Empty>{t.noGroups}</Empty> : <Latest task={own[0]!} />
        }}
      </Loaded>
    </>
  )
}

function Latest({ task }: { task: ListedTask }) {
  const whole = useTask(task.id)
  return (
    <Loaded query={whole}>
      {(known) =>
        isOver(known) && known.state === 'done' ? (
          <GroupTables result={known.result as GroupsResult} />
        ) : (
          <TaskView task={known} />
        )
      }
    </Loaded>
  )
}

function GroupTables({ result }: { result: GroupsResult }) {
  const t = useWords(words)
  const numbers = useNumbers()
  const rate = (one: GroupRate | null) =>
    one ? `${numbers.rate(one.value)} [${numbers.rate(one.low)}, ${numbers.rate(one.high)}]` : '–'
  return (
    <>
      <strong className="numbers">{t.groupsAt(numbers.fixed(result.threshold.cosine, 4))}</strong>
      {result.columns.map(({ columns, groups, fmr, fnmr }) => (
        <section key={columns.join()} className="stack">
          <h2>
            <bdi>{columns.join(', ')}</bdi>
          </h2>
          <DataTable
            rows={groups}
            label={columns.join(', ')}
            keyOf={({ name }) => name}
            columns={[
              {
                id: 'name',
                header: t.group,
                cell: ({ name }) => <bdi>{name}</bdi>,
                value: ({ name }) => name,
              },
              {
                id: 'people',
                header: t.people,
                cell: ({ people }) => numbers.count(people),
                value: ({ people }) => people,
                align: 'end',
              },
              {
                id: 'fmr',
                header: t.fmr,
                cell: (group) => rate(group.fmr),
                value: (group) => group.fmr?.value ?? null,
                align: 'end',
              },
              {
                id: 'fnmr',
                header: t.fnmr,
                cell: (group) => rate(group.fnmr),
                value: (group) => group.fnmr?.value ?? null,
                align: 'end',
              },
            ]}
          />
          {[[t.fmr, fmr] as const, [t.fnmr, fnmr] as const].map(
            ([name, one]) =>
              one && (
                <p key={name} className="muted">
                  {name}: {t.largest(one.largest, one.smallest)}
                </p>
              ),
          )}
        </section>
      ))}
      <p className="muted">{t.interval}</p>
    </>
  )
}
