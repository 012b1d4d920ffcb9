import { createElement, type ReactNode } from 'react'
import './math.css'

// Formulas in MathML, which browsers draw and read aloud without a script.

const token = (text: string): ReactNode => {
  const [base, index] = text.split('_')
  if (index) return createElement('msub', null, token(base!), token(index))
  if (/^[−-]?\d/.test(text)) return createElement('mn', null, text)
  return createElement(/^[\p{L}∞]/u.test(text) ? 'mi' : 'mo', null, text)
}

/**
 * Part of a formula from words with spaces between them: a number, a name (`m_1`: with an index), else an operator.
 * What is no text stands as it is.
 */
export const row = (...parts: ReactNode[]): ReactNode =>
  createElement(
    'mrow',
    null,
    ...parts.flatMap((part) =>
      typeof part === 'string' ? part.split(/\s+/).filter(Boolean).map(token) : [part],
    ),
  )

export const fraction = (above: ReactNode, below: ReactNode): ReactNode =>
  createElement('mfrac', null, row(above), row(below))

export const power = (base: ReactNode, exponent: ReactNode): ReactNode =>
  createElement('msup', null, row(base), row(exponent))

/** The sum over all classes but the own. */
export const sumOfOthers: ReactNode = createElement('munder', null, token('∑'), row('j ≠ y'))

/** Lines of a formula under each other, `=` below `=`. */
export function Formula({
  lines,
  label,
}: {
  lines: readonly (readonly [ReactNode, ReactNode])[]
  label: string
}) {
  const cell = (content: ReactNode, side: string) =>
    createElement('mtd', { className: side }, content)
  const rows = lines.map(([left, right], i) =>
    createElement('mtr', { key: i }, cell(row(left), 'left'), cell(row('=', right), 'right')),
  )
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a long one is scrolled by keyboard
    <figure className="formula" tabIndex={0} aria-label={label}>
      {createElement(
        'math',
        { display: 'block' },
        createElement('mtable', { displaystyle: 'true' }, ...rows),
      )}
    </figure>
  )
}
