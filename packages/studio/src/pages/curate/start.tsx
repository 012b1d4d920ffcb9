import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useId, useState } from 'react'
import { api, data } from '../../api/client.js'
import { useNumbers, useWords } from '../../language/language.js'
import { Button } from '../../ui/button.js'
import { TextField } from '../../ui/field.js'
import { Tag } from '../../ui/page.js'
import { Empty, Loaded, Notice, Problem } from '../../ui/problem.js'
import { words } from './words.js'

const FIELDS = ['roots', 'model', 'run', 'against', 'list', 'groups'] as const
type Field = (typeof FIELDS)[number]

/** What an entry of the workspace may be for a field. */
const KINDS: Readonly<Record<Field, readonly string[]>> = {
  roots: ['people'],
  model: ['run', 'model'],
  run: ['run'],
  against: ['people', 'archive', 'pairs'],
  list: ['list'],
  groups: ['list', 'file', 'pairs'],
}

/** Which data set to look through, and those that were. */
export function Start({ onStarted }: { onStarted(task: string): void }) {
  const t = useWords(words)
  const id = useId()
  const [given, setGiven] = useState<Record<Field, string>>({
    ...{ roots: '', model: '', run: '', against: '', list: '', groups: '' },
  })
  const workspace = useQuery({
    queryKey: ['workspace'],
    queryFn: () => data(api.GET('/v1/workspace')),
  })
  const entries = useQuery({
    queryKey: ['entries', ''],
    queryFn: () => data(api.GET('/v1/workspace/entries', { params: { query: { path: '' } } })),
  })
  const start = useMutation({
    mutationFn: () => {
      const more = Object.fromEntries(
        FIELDS.filter((name) => name !== 'roots' && given[name] !== '').map((name) => [
          name,
          given[name],
        ]),
      )
      const body = { kind: 'suspects' as const, roots: [given.roots], ...more }
      return data(api.POST('/v1/tasks', { body }))
    },
    onSuccess: ({ id }) => onStarted(id),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    start.mutate()
  }
  return (
    <div className="curate-start">
      <form className="card stack" onSubmit={submit} aria-labelledby={`${id}-title`}>
        <h2 id={`${id}-title`}>{t.start}</h2>
        {workspace.data?.commands === false && <Notice kind="warn">{t.noCommands}</Notice>}
        {FIELDS.map((name) => (
          <TextField
            key={name}
            label={t[name]}
            told={t[`${name}Told`]}
            value={given[name]}
            onChange={(value) => setGiven((before) => ({ ...before, [name]: value }))}
            list={`${id}-${name}`}
            required={name === 'roots'}
            autoComplete="off"
            spellCheck={false}
          />
        ))}
        {FIELDS.map((name) => (
          <datalist key={name} id={`${id}-${name}`}>
            {entries.data?.entries
              .filter(({ kind }) => KINDS[name].includes(kind))
              .map(({ path }) => (
                <option key={path} value={path} />
              ))}
          </datalist>
        ))}
        {start.error && <Problem error={start.error} />}
        <div className="row">
          <Button kind="main" type="submit" disabled={start.isPending}>
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
              {own.map(({ id, parameters, created, state }) => (
                <li key={id}>
                  <Button onClick={() => onOpen(id)}>
                    <bdi>{[parameters.roots].flat().join(', ')}</bdi>
                  </Button>
                  <span className="muted">{date(created)}</span>
                  {state !== 'done' && <Tag kind="warn">{state}</Tag>}
                </li>
              ))}
            </ul>
          )
        }}
      </Loaded>
    </section>
  )
}
