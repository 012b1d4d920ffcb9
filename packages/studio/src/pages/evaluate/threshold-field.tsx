import { useEffect, useState } from 'react'
import { useNumbers, useWords } from '../../language/language.js'
import { TextField } from '../../ui/field.js'
import { words } from './words.js'

/** The threshold as a number. */
export function ThresholdField({
  threshold,
  range: [from, to],
  onChange,
}: {
  threshold: number
  range: readonly [number, number]
  onChange(threshold: number): void
}) {
  const t = useWords(words)
  const numbers = useNumbers()
  const [text, setText] = useState(`${threshold}`)
  // Drawn elsewhere.
  useEffect(() => setText(`${threshold}`), [threshold])
  const value = Number(text)
  const isRight = text.trim() !== '' && value >= from && value <= to
  return (
    <TextField
      label={t.threshold}
      told={t.thresholdTold}
      wrong={isRight ? undefined : t.thresholdWrong(numbers.fixed(from, 1), numbers.fixed(to, 1))}
      value={text}
      inputMode="decimal"
      onChange={setText}
      onBlur={() => isRight && onChange(value)}
      onKeyDown={({ key }) => key === 'Enter' && isRight && onChange(value)}
    />
  )
}
