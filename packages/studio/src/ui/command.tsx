import { useState } from 'react'
import { useWords } from '../language/language.js'
import { Button } from './button.js'
import './parts.css'
import { shellWord } from './shell.js'
import { words } from './words.js'

/** A command as one types it, to be copied. */
export function CommandLine({ command }: { command: readonly string[] }) {
  const t = useWords(words)
  const [isCopied, setCopied] = useState(false)
  const text = command.map(shellWord).join(' ')
  const copy = async () => {
    await navigator.clipboard.writeText(text)
    setCopied(true)
    setTimeout(() => setCopied(false), 2000)
  }
  return (
    <div className="command">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long one is scrolled by keyboard */}
      <code tabIndex={0}>{text}</code>
      <Button kind="plain" onClick={copy}>
        <span aria-live="polite">{isCopied ? t.copied : t.copy}</span>
      </Button>
    </div>
  )
}
