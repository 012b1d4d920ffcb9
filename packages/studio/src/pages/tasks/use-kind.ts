import { useWords } from '../../language/language.js'
import { kindWords } from './kinds.js'

/** Says what a kind of task is called in the page's language. */
export function useKindName(): (kind: string) => string {
  const names: Readonly<Record<string, string>> = useWords(kindWords)
  return (kind) => (Object.hasOwn(names, kind) ? names[kind]! : kind)
}
