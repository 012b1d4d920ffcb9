import { type Document, isMap, parseDocument } from 'yaml'
import { chosenOf, type Node } from './schema.js'

type Path = readonly (string | number)[]

/** A configuration as text, with the comments that it came with, and what it says. */
export interface Draft {
  readonly text: string
  readonly value: Readonly<Record<string, unknown>>
  /** Where it is no YAML, why: `value` is then nothing. */
  readonly fault: string | null
}

export function draftOf(text: string): Draft {
  const document = parseDocument(text)
  const [error] = document.errors
  if (error) return { text, value: {}, fault: error.message }
  const value: unknown = document.toJS()
  const isPlain = typeof value === 'object' && value !== null && !Array.isArray(value)
  return { text, value: isPlain ? (value as Record<string, unknown>) : {}, fault: null }
}

const written = (document: Document): Draft => draftOf(document.toString({ lineWidth: 120 }))

/** With another value; undefined takes the key out, and the parts that hold nothing any more. */
export function withValue({ text }: Draft, path: Path, value: unknown): Draft {
  const document = parseDocument(text)
  if (value !== undefined) {
    if (!isMap(document.contents)) document.contents = document.createNode({}) as never
    document.setIn(path, document.createNode(value))
    return written(document)
  }
  document.deleteIn(path)
  for (let end = path.length - 1; end > 0; end--) {
    const above = document.getIn(path.slice(0, end))
    if (!isMap(above) || above.items.length > 0) break
    document.deleteIn(path.slice(0, end))
  }
  return written(document)
}

/** With another of several that are told apart by their name: keys that it has, too, stay. */
export function withChoice(draft: Draft, key: string, node: Node, name: string): Draft {
  const { properties = {} } = chosenOf(node, { name })
  const before = Object.entries(Object(draft.value[key]) as Record<string, unknown>)
  const kept = before.filter(([one]) => one !== 'name' && one in properties)
  return withValue(draft, [key], { name, ...Object.fromEntries(kept) })
}

/** An example to begin with: what it takes from elsewhere is left out. @param roots folders of people that are here */
export function begun(text: string, output: string, roots: readonly string[]): Draft {
  let draft = withValue(draftOf(text), ['output'], output)
  const { data, verify } = draft.value as { data?: Record<string, unknown>; verify?: object }
  const hasRoots = Array.isArray(data?.roots) && data.roots.length > 0
  if (hasRoots) draft = withValue(draft, ['data', 'roots'], roots)
  if (data?.unlabelled !== undefined && !hasRoots)
    draft = withValue(draft, ['data', 'unlabelled'], roots)
  return verify && 'sets' in verify ? withValue(draft, ['verify', 'sets'], []) : draft
}
