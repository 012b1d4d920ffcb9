import { useWords } from '../../language/language.js'
import { Page } from '../../ui/page.js'
import { words } from './words.js'

export default function Keys() {
  const t = useWords(words)
  return <Page title={t.title}>{null}</Page>
}
