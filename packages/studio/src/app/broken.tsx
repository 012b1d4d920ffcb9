import { Component, type ReactNode } from 'react'
import { useWords } from '../language/language.js'
import { Button } from '../ui/button.js'
import { words } from './words.js'

/** Keeps what fails in a page to the page. */
export class Broken extends Component<{ children: ReactNode }, { error: unknown }> {
  override state = { error: null as unknown }

  static getDerivedStateFromError(error: unknown) {
    return { error }
  }

  override render() {
    return this.state.error === null ? this.props.children : <Told error={this.state.error} />
  }
}

function Told({ error }: { error: unknown }) {
  const t = useWords(words)
  return (
    <main className="page" id="main" tabIndex={-1}>
      <h1>{t.failed}</h1>
      <div className="notice" data-kind="bad" role="alert">
        <code>{String(error)}</code>
      </div>
      <div>
        <Button onClick={() => location.reload()}>{t.reload}</Button>
      </div>
    </main>
  )
}
