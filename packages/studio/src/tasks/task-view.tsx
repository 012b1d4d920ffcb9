import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ProblemError } from '../api/client.js'
import { useNumbers, useWords } from '../language/language.js'
import { Button } from '../ui/button.js'
import { CommandLine } from '../ui/command.js'
import { Tag } from '../ui/page.js'
import { Problem } from '../ui/problem.js'
import { isOver, type ListedTask, stopTask } from './task.js'
import { words } from './words.js'

const KINDS: Partial<Record<ListedTask['state'], 'good' | 'bad' | 'accent'>> = {
  ...{ done: 'good', failed: 'bad', lost: 'bad', running: 'accent' },
}

export function TaskState({ task: { state } }: { task: ListedTask }) {
  const t = useWords(words)
  return <Tag kind={KINDS[state]}>{t[state]}</Tag>
}

/** How far a task is, what went wrong, and the command that does the same; a button that ends it. */
export function TaskView({ task }: { task: ListedTask }) {
  const t = useWords(words)
  const queries = useQueryClient()
  const [error, setError] = useState<unknown>(null)
  const { problem, command } = task
  return (
    <div className="stack" aria-live="polite">
      <div className="row">
        <TaskState task={task} />
        {!isOver(task) && (
          <>
            <TaskProgress task={task} />
            <Button onClick={() => void stopTask(queries, task.id).catch(setError)}>
              {t.cancel}
            </Button>
          </>
        )}
      </div>
      {problem && (
        <Problem error={new ProblemError(0, problem.code, problem.message, problem.hint ?? null)} />
      )}
      {error !== null && <Problem error={error} />}
      <div>
        <p className="muted">{t.command}</p>
        <CommandLine command={command} />
      </div>
    </div>
  )
}

/** A bar, where it is known how much there is to do. */
export function TaskProgress({ task: { progress } }: { task: ListedTask }) {
  const t = useWords(words)
  const { count } = useNumbers()
  if (!progress) return null
  const { what, done, total } = progress
  const text =
    total === null ? t.counted(count(done), what) : t.progress(count(done), count(total), what)
  return (
    <>
      <progress
        className="grow"
        aria-label={text}
        {...(total !== null && { value: done, max: total })}
      />
      <span className="numbers">{text}</span>
    </>
  )
}
