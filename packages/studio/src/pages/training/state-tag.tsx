import type { Schema } from '../../api/client.js'
import { useWords } from '../../language/language.js'
import { Tag } from '../../ui/page.js'
import { words } from './words.js'

const KINDS = { running: 'accent', finished: 'good', damaged: 'bad', stopped: undefined } as const

export function StateTag({ state }: { state: Schema<'Run'>['state'] }) {
  const t = useWords(words)
  return <Tag kind={KINDS[state]}>{t[state]}</Tag>
}
