import { useNumbers, useWords } from '../../../language/language.js'
import { words } from './words.js'

/** Margins as they are written in the paper. */
export function useMarginsText() {
  const t = useWords(words)
  const { significant } = useNumbers()
  return ({ m1, m2, m3 }: { m1: number; m2: number; m3: number }) =>
    m1 === 1 && m2 === 0 && m3 === 0
      ? t.plain
      : t.chosen(`(${[m1, m2, m3].map((one) => significant(one)).join(', ')})`)
}
