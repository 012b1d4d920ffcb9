import type { ReactNode } from 'react'
import { ProblemError } from '../api/client.js'
import { useWords } from '../language/language.js'
import { Button } from './button.js'
import './parts.css'
import { words } from './words.js'

/** What went wrong, in the server's words, with what to do and the code to ask for. */
export function Problem({
  error,
  onAgain,
}: {
  error: unknown
  onAgain?: (() => void) | undefined
}) {
  const t = useWords(words)
  const told =
    error instanceof ProblemError
      ? { message: error.message, hint: error.hint, code: error.code }
      : { message: error instanceof TypeError ? t.gone : t.unknown, hint: null, code: null }
  return (
    <div className="notice" data-kind="bad" role="alert">
      {/* In English, also where it begins with a name of another script. */}
      <span dir="ltr">{told.message}</span>
      {told.hint && <span>{told.hint}</span>}
      {told.code && <code className="muted">{told.code}</code>}
      {onAgain && (
        <div>
          <Button onClick={onAgain}>{t.again}</Button>
        </div>
      )}
    </div>
  )
}

export const Notice = ({ kind, children }: { kind?: 'bad' | 'warn'; children: ReactNode }) => (
  <div className="notice" data-kind={kind} role="status">
    {children}
  </div>
)

/** Nothing is here yet, and what one does about it. */
export const Empty = ({ children }: { children: ReactNode }) => (
  <div className="empty">{children}</div>
)

/** What a query has: shows that it loads, what went wrong, or what `children` make of it. What is there stays while the server is gone. */
export function Loaded<T>({
  query,
  children,
}: {
  query: { data: T | undefined; error: unknown; refetch(): unknown }
  children: (data: T) => ReactNode
}) {
  const t = useWords(words)
  const { data, error } = query
  if (data !== undefined) return children(data)
  if (error) return <Problem error={error} onAgain={() => void query.refetch()} />
  return (
    <p className="muted" role="status">
      {t.loading}
    </p>
  )
}
