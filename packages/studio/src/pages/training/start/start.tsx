import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { Link, Redirect } from 'wouter'
import { api, data } from '../../../api/client.js'
import { useInAddress } from '../../../api/place.js'
import { useEntries, useWorkspace } from '../../../api/workspace.js'
import { useNumbers, useWords } from '../../../language/language.js'
import { isOver, type Task, useStartTask, useTask } from '../../../tasks/task.js'
import { TaskView } from '../../../tasks/task-view.js'
import { Button } from '../../../ui/button.js'
import { Field, SelectField } from '../../../ui/field.js'
import { Page } from '../../../ui/page.js'
import { Loaded, Notice, Problem } from '../../../ui/problem.js'
import { addressOf } from '../address.js'
import { begun, type Draft, draftOf } from './draft.js'
import { Form, useFaultWords } from './form.js'
import { EXAMPLES, faultsOf, pathsOf, saidOf } from './schema.js'
import './start.css'
import { words } from './words.js'

const FIRST = 'faces-cpu.yaml'
/** A folder that is not there yet. */
const newRun = () => `runs/${new Date().toISOString().slice(0, 19).replaceAll(/[T:]/g, '-')}`

/** A configuration as a form and as text, and the training of it. */
export default function Start() {
  const t = useWords(words)
  const people = useEntries('')
  return (
    <Page
      title={t.title}
      told={
        <>
          {t.told} <Link href="/training">{t.back}</Link>
        </>
      }
    >
      <Loaded query={people}>
        {({ entries }) => {
          const folders = entries.filter(({ kind }) => kind === 'people').map(({ path }) => path)
          return <Writing folders={folders} />
        }}
      </Loaded>
    </Page>
  )
}

function Writing({ folders }: { folders: readonly string[] }) {
  const t = useWords(words)
  const n = useNumbers()
  const tell = useFaultWords()
  const [example, setExample] = useState(FIRST)
  const [draft, setDraft] = useState<Draft>(() =>
    begun(EXAMPLES[FIRST]!, newRun(), folders.slice(0, 1)),
  )
  const [id, setId] = useInAddress('task')
  const task = useTask(id).data
  const startTask = useStartTask()
  const [error, setError] = useState<unknown>(null)
  const [isBusy, setBusy] = useState(false)
  const { ablation, ...config } = draft.value
  const faults = useMemo(() => {
    const { ablation: _, ...config } = draft.value
    return draft.fault === null ? faultsOf(config) : new Map()
  }, [draft])
  const said = task?.problem ? saidOf(task.problem.message, pathsOf(config)) : new Map()
  const isGoing = task !== undefined && !isOver(task)
  const start = async () => {
    setBusy(true)
    setError(null)
    try {
      const kind = ablation === undefined ? 'train' : 'ablate'
      setId((await startTask({ kind, config: draft.text })).id, { replace: true })
    } catch (thrown) {
      setError(thrown)
    } finally {
      setBusy(false)
    }
  }
  return (
    <>
      <Commands />
      <section className="card stack">
        <SelectField
          label={t.example}
          told={t.exampleTold}
          value={example}
          choices={Object.keys(EXAMPLES).map((name) => ({ value: name, label: name }))}
          onChange={(name) => {
            setExample(name)
            setDraft(begun(EXAMPLES[name]!, newRun(), folders.slice(0, 1)))
          }}
        />
        {ablation !== undefined && <Notice>{t.ablation}</Notice>}
        {faults.size > 0 && (
          <Notice kind="warn">
            {t.wrong(n.count(faults.size))}
            <ul>
              {[...faults].map(([key, fault]) => (
                <li key={key}>
                  <code>{key}</code> {tell(fault)}
                </li>
              ))}
            </ul>
          </Notice>
        )}
        {error !== null && <Problem error={error} />}
        {task && <Started task={task} />}
        <div>
          <Button
            kind="main"
            disabled={isBusy || isGoing || faults.size > 0 || draft.fault !== null}
            onClick={start}
          >
            {ablation === undefined ? t.start : t.startAblation}
          </Button>
        </div>
      </section>
      <div className="start-both">
        <section aria-label={t.form}>
          <fieldset className="bare" disabled={draft.fault !== null}>
            <Form {...{ draft, faults, said, folders }} onChange={setDraft} />
          </fieldset>
        </section>
        <section className="card text" aria-label={t.yaml}>
          <Field
            label={t.yaml}
            told={t.yamlTold}
            wrong={draft.fault === null ? undefined : t.noYaml(draft.fault)}
          >
            {(described) => (
              <textarea
                className="input"
                rows={40}
                value={draft.text}
                spellCheck={false}
                onChange={({ target }) => setDraft(draftOf(target.value))}
                {...described}
              />
            )}
          </Field>
        </section>
      </div>
    </>
  )
}

function Commands() {
  const t = useWords(words)
  const { data: workspace } = useWorkspace()
  return workspace?.commands === false ? <Notice kind="warn">{t.noCommands}</Notice> : null
}

const AGAIN_MS = 700

/** A task that was started: until its run is there, how far it is; then the run. */
function Started({ task }: { task: Task }) {
  const t = useWords(words)
  const { data: place } = useQuery({
    queryKey: ['begun', task.id],
    queryFn: () => placeOf(task),
    refetchInterval: ({ state }) => (state.data || task.state !== 'running' ? false : AGAIN_MS),
    enabled: task.state === 'running' || task.state === 'done',
  })
  if (place) return <Redirect href={`${place}&task=${encodeURIComponent(task.id)}`} replace />
  return (
    <>
      {!isOver(task) && <p className="muted">{t.begins}</p>}
      <TaskView task={task} />
    </>
  )
}

/** Where the run or the ablation of a task is shown; null while it is not there. */
async function placeOf({ kind, folder }: Task): Promise<string | null> {
  const query = { path: `${folder}/config.yaml` }
  const text = await data(api.GET('/v1/workspace/files', { params: { query }, parseAs: 'text' }))
  const { output } = draftOf(String(text)).value
  if (typeof output !== 'string') return null
  const { runs } = await data(api.GET('/v1/runs'))
  if (kind === 'ablate')
    return runs.some(({ ablation }) => ablation === output) ? addressOf('ablation', output) : null
  return runs.some(({ run }) => run === output) ? addressOf('run', output) : null
}
