import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { api, data } from '../../api/client.js'
import { useWords } from '../../language/language.js'
import type { ListedTask } from '../../tasks/task.js'
import { Problem } from '../../ui/problem.js'
import './tasks.css'
import { words } from './words.js'

/** Of a log that is longer its end is shown. */
const SHOWN = 1 << 18

interface Read {
  readonly text: string
  /** Whether what was said before is not there. */
  readonly isCut: boolean
  readonly next: number | null
}

/** What a task's command says, as it says it. */
export function TaskLog({ task: { id, log } }: { task: Pick<ListedTask, 'id' | 'log'> }) {
  const t = useWords(words)
  const [{ text, isCut, next }, setRead] = useState<Read>({ text: '', isCut: false, next: null })
  const [error, setError] = useState<unknown>(null)
  useEffect(() => {
    if (log === 0 || (next !== null && next >= log)) return
    const stop = new AbortController()
    const params = { path: { task: id }, query: { offset: next ?? -SHOWN } }
    data(api.GET('/v1/tasks/{task}/log', { params, signal: stop.signal })).then(
      (part) => {
        setError(null)
        // A line that is being said comes when it is whole.
        if (part.next === next) return
        setRead((read) => ({
          text: (read.text + part.text).slice(-SHOWN),
          isCut: read.isCut || (read.next === null && part.offset > 0),
          next: part.next,
        }))
      },
      (thrown) => stop.signal.aborted || setError(thrown),
    )
    return () => stop.abort()
  }, [id, log, next])
  const frame = useRef<HTMLPreElement>(null)
  const isAtEnd = useRef(true)
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was said last is in sight, unless somebody reads above
  useLayoutEffect(() => {
    if (isAtEnd.current) frame.current?.scrollTo({ top: frame.current.scrollHeight })
  }, [text])
  return (
    <section className="stack" aria-label={t.log}>
      <h2>{t.log}</h2>
      {error !== null && <Problem error={error} />}
      {isCut && <p className="muted">{t.earlier}</p>}
      {text === '' ? (
        <p className="muted">{t.logEmpty}</p>
      ) : (
        <pre
          className="said"
          ref={frame}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled by keyboard
          tabIndex={0}
          onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
            isAtEnd.current = scrollTop + clientHeight > scrollHeight - 8
          }}
        >
          {text}
        </pre>
      )}
    </section>
  )
}
