import { type ReactNode, useEffect } from 'react'
import './parts.css'

/** A page: its title, what can be done on it, and the rest. */
export function Page({
  title,
  told,
  actions,
  children,
}: {
  title: string
  /** A line below the title. */
  told?: ReactNode
  actions?: ReactNode
  children: ReactNode
}) {
  useEffect(() => {
    document.title = `${title} · ArcFace`
  }, [title])
  return (
    <main className="page" id="main" tabIndex={-1}>
      <header>
        <div>
          <h1>
            <bdi>{title}</bdi>
          </h1>
          {told && <p className="muted">{told}</p>}
        </div>
        {actions && <div className="row">{actions}</div>}
      </header>
      {children}
    </main>
  )
}

/** Names and values, under each other. */
export const Facts = ({ facts }: { facts: readonly (readonly [ReactNode, ReactNode])[] }) => (
  <dl className="facts">
    {facts.map(([name, value], i) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: they stay in their order
      <div key={i} style={{ display: 'contents' }}>
        <dt>{name}</dt>
        <dd>{value}</dd>
      </div>
    ))}
  </dl>
)

export const Tag = ({
  kind,
  children,
}: {
  kind?: 'good' | 'bad' | 'warn' | 'accent' | undefined
  children: ReactNode
}) => (
  <span className="tag" data-kind={kind}>
    {children}
  </span>
)
