import { degrees } from '@arcface/evaluate'
import type { Schema } from '../api/client.js'
import { useNumbers, useWords } from '../language/language.js'
import { Facts, Tag } from '../ui/page.js'
import { words } from './words.js'

const DEGREES = ['yaw', 'pitch', 'roll']

/** Whether a face is good enough, in words. */
export function QualityTag({
  rejected,
  toEnrol = false,
}: {
  rejected: readonly string[]
  toEnrol?: boolean
}) {
  const t = useWords(words)
  const reasons = rejected.map((one) => String(t[one as 'small'] ?? one)).join(', ')
  return rejected.length === 0 ? (
    <Tag kind="good">{toEnrol ? t.goodToEnrol : t.good}</Tag>
  ) : (
    <Tag kind="bad">{t.rejected(reasons)}</Tag>
  )
}

/** What a face was judged by. */
export function QualityFacts({ face: { quality, grade, score } }: { face: Schema<'Face'> }) {
  const t = useWords(words)
  const { significant } = useNumbers()
  const parts = Object.entries(grade.parts).map(([name, value]) => {
    const shown = value === null ? t.notKnown : significant(value)
    return [String(t[`part_${name}` as 'part_size'] ?? name), shown] as const
  })
  const facts = Object.entries({ score, ...quality }).map(([name, value]) => {
    const shown = DEGREES.includes(name) ? degrees(value) : value
    return [String(t[name as 'eyes'] ?? name), significant(shown)] as const
  })
  return <Facts facts={[[t.grade, significant(grade.value)], ...parts, ...facts]} />
}
