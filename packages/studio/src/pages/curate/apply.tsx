import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useEffect, useMemo, useState } from 'react'
import { api, data } from '../../api/client.js'
import { useNumbers, useWords } from '../../language/language.js'
import { Button } from '../../ui/button.js'
import { CommandLine } from '../../ui/command.js'
import { Dialog } from '../../ui/dialog.js'
import { TextField } from '../../ui/field.js'
import { Notice, Problem } from '../../ui/problem.js'
import { saveFile } from '../../ui/save.js'
import { decided, decisionsOf, scriptOf, type Work } from './queue.js'
import { putText } from './read.js'
import type { Points, Suspects } from './suspects.js'
import { words } from './words.js'

/** What the command `arcface data curate` puts out. */
interface Made {
  readonly out: string
  readonly images: number
  readonly people: number
}

/** Makes the list: says first what goes and what stays, then how to use it and to make it again. */
export function Apply({
  open,
  onClose,
  suspects,
  points,
  work,
}: {
  open: boolean
  onClose(): void
  suspects: Suspects
  points: Points
  work: Work
}) {
  const t = useWords(words)
  const { count } = useNumbers()
  const [name, setName] = useState('')
  const [task, setTask] = useState<string | null>(null)
  const decisions = useMemo(
    () => (open ? decisionsOf(suspects.findings, points, work.acts) : []),
    [open, suspects, points, work],
  )
  const text = useMemo(() => {
    const { roots, list } = suspects
    return `${JSON.stringify({ roots, ...(list !== null && { list }), decisions }, null, 1)}\n`
  }, [suspects, decisions])
  useEffect(() => {
    if (!open) return
    // A name that no earlier list has.
    setName(`curated-${new Date().toISOString().slice(0, 19).replaceAll(/[:T]/g, '-')}.txt`)
    setTask(null)
  }, [open])
  const start = useMutation({
    mutationFn: async () => {
      const file = name.replace(/txt$/, 'json')
      await putText(file, text)
      const body = { kind: 'curate', decisions: file, out: name } as const
      return data(api.POST('/v1/tasks', { body }))
    },
    onSuccess: ({ id }) => setTask(id),
  })
  const drops = decisions.filter(({ decision }) => decision === 'drop').length
  const moves = decisions.length - drops
  const isWrong = !/[^/]\.txt$/.test(name)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!isWrong) start.mutate()
  }
  return (
    <Dialog open={open} onClose={onClose} title={t.applyTitle} wide="44rem">
      {task !== null ? (
        <Result task={task} text={text} />
      ) : decisions.length === 0 ? (
        <Notice>{t.applyNothing}</Notice>
      ) : (
        <form className="stack" onSubmit={submit}>
          <p>{t.applyTold(count(drops), count(moves), count(suspects.images - drops))}</p>
          <p className="muted">
            {t.applyOpen(count(suspects.findings.length - decided(work).size))}
          </p>
          <TextField
            label={t.applyName}
            told={t.applyNameTold}
            wrong={isWrong && name !== '' && t.applyNameWrong}
            value={name}
            onChange={setName}
            required
          />
          {start.error && <Problem error={start.error} />}
          <div className="actions">
            <Button kind="main" type="submit" disabled={isWrong || start.isPending}>
              {t.apply}
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  )
}

function Result({ task, text }: { task: string; text: string }) {
  const t = useWords(words)
  const { count } = useNumbers()
  const query = useQuery({
    queryKey: ['task', task],
    queryFn: () => data(api.GET('/v1/tasks/{task}', { params: { path: { task } } })),
    refetchInterval: ({ state }) =>
      ['waiting', 'running', undefined].includes(state.data?.state) ? 500 : false,
  })
  const found = query.data
  if (query.error && !found) return <Problem error={query.error} />
  if (!found || found.state === 'waiting' || found.state === 'running')
    return <p role="status">{t.makes}</p>
  if (found.state !== 'done')
    return (
      <Notice kind="bad">
        {t.notDone(found.state)}
        {found.problem && <bdi>{found.problem.message}</bdi>}
      </Notice>
    )
  const made = found.result as Made
  const script = made.out.replace(/^.*\//, '').replace(/txt$/, 'sh')
  const save = () => saveFile(script, scriptOf(text, made.out), 'text/x-shellscript')
  return (
    <div className="stack">
      <p role="status">{t.made(count(made.images), count(made.people))}</p>
      <p>{t.madeTold}</p>
      <CommandLine command={['--set', `data.list=${made.out}`]} />
      <p>{t.repeat}</p>
      <CommandLine command={found.command} />
      <div className="row">
        <Button onClick={save}>{t.script}</Button>
      </div>
    </div>
  )
}
