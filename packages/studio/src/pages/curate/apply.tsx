import type { SuspectPoints, SuspectsFile } from '@arcface/evaluate'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useEffect, useMemo, useState } from 'react'
import { useNumbers, useWords } from '../../language/language.js'
import { useStartTask, useTask } from '../../tasks/task.js'
import { TaskView } from '../../tasks/task-view.js'
import { Button } from '../../ui/button.js'
import { CommandLine } from '../../ui/command.js'
import { Dialog } from '../../ui/dialog.js'
import { TextField } from '../../ui/field.js'
import { Loaded, Notice, Problem } from '../../ui/problem.js'
import { saveFile } from '../../ui/save.js'
import { decided, decisionsOf, scriptOf, type Work } from './queue.js'
import { putText } from './read.js'
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
  suspects: SuspectsFile
  points: SuspectPoints
  work: Work
}) {
  const t = useWords(words)
  const { count } = useNumbers()
  const startTask = useStartTask()
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
      return startTask(body)
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
        <Result id={task} text={text} />
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

function Result({ id, text }: { id: string; text: string }) {
  const t = useWords(words)
  const { count } = useNumbers()
  return (
    <Loaded query={useTask(id)}>
      {(task) => {
        if (task.state !== 'done') return <TaskView task={task} />
        const { out, images, people } = task.result as Made
        const name = out.replace(/^.*\//, '').replace(/txt$/, 'sh')
        return (
          <div className="stack">
            <p role="status">{t.made(count(images), count(people))}</p>
            <p>{t.madeTold}</p>
            <CommandLine command={['--set', `data.list=${out}`]} />
            <p>{t.repeat}</p>
            <CommandLine command={task.command} />
            <div className="row">
              <Button onClick={() => saveFile(name, scriptOf(text, out), 'text/x-shellscript')}>
                {t.script}
              </Button>
            </div>
          </div>
        )
      }}
    </Loaded>
  )
}
