import type { ReactNode } from 'react'
import { useWords } from '../../language/language.js'
import { type Question, questions } from './answers.js'

/** One of the ten questions, and its answer; the list of them leads here. */
export function Answer({ to, children }: { to: Question; children: ReactNode }) {
  const t = useWords(questions)
  return (
    <div className="answer" id={to} tabIndex={-1}>
      <h3>{t[to]}</h3>
      {children}
    </div>
  )
}
