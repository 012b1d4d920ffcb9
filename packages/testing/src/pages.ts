import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'

/** Of the repository. */
export const REPOSITORY = resolve(import.meta.dirname, '../../..')

/** A page that users read. */
export interface Page {
  /** From the root of the repository. */
  readonly name: string
  readonly text: string
}

/** README.md, docs/*.md and the README of each package. */
export function pages(): Page[] {
  const docs = readdirSync(join(REPOSITORY, 'docs')).filter((name) => name.endsWith('.md'))
  const rooms = readdirSync(join(REPOSITORY, 'packages')).filter((name) => name !== 'testing')
  return [
    join(REPOSITORY, 'README.md'),
    ...docs.map((name) => join(REPOSITORY, 'docs', name)),
    ...rooms.map((name) => join(REPOSITORY, 'packages', name, 'README.md')),
  ].map((path) => ({ name: relative(REPOSITORY, path), text: readFileSync(path, 'utf8') }))
}

/** The programs below examples/, as paths from there. */
export const exampleFiles = (): string[] =>
  readdirSync(join(REPOSITORY, 'examples'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.mjs'))
    .sort()

/** The sources of the examples of a page, as paths from examples/. */
export const examplePageFiles = (): string[] =>
  ['page', 'browser/src'].flatMap((folder) =>
    readdirSync(join(REPOSITORY, 'examples', folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(html|js|tsx?)$/.test(name))
      .map((name) => join(folder, name))
      .sort(),
  )

/** A piece of code in a page. */
export interface CodeBlock {
  /** What stands behind the fence; of an indented block nothing. */
  readonly language: string
  readonly text: string
}

/** The code of a page: what stands between fences or is indented by four. */
export function codeBlocks(text: string): CodeBlock[] {
  const blocks: CodeBlock[] = []
  for (const [, language, body, indented] of text.matchAll(
    /^```(\w*)\n(.*?)^```$|(?<=\n\n)((?: {4}[^\n]*\n|\n(?= {4}))+)/gms,
  ))
    blocks.push({ language: language ?? '', text: body ?? indented!.replace(/^ {4}/gm, '') })
  return blocks
}
