import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { codeBlocks, exampleFiles, examplePageFiles, pages, REPOSITORY } from './pages.js'

// Code that a page shows is a part of a program under examples/, which the tests of the command line run, or of the
// examples of a page in a browser.

const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim()
const programs = [...exampleFiles(), ...examplePageFiles()].map((name) =>
  oneLine(readFileSync(join(REPOSITORY, 'examples', name), 'utf8')),
)
const CODE = ['html', 'js', 'mjs', 'javascript', 'ts', 'typescript']
const all = pages().map(({ name, text }) => [name, codeBlocks(text)] as const)

/** Whether one program has it in one piece; only imports may stand elsewhere in it. */
function isPart(text: string): boolean {
  const imports = text.match(/^import .*$/gm) ?? []
  const body = oneLine(text.replace(/^import .*$/gm, ''))
  return programs.some((program) => [...imports, body].every((piece) => program.includes(piece)))
}

describe('code on a page', () => {
  it('is found between fences and where it is indented', () => {
    const page =
      'Text\n\n    make demo\n\n    make test\n\nand\n\n```js\nlet x\n\n```\n    no block\n'
    expect(codeBlocks(page)).toEqual([
      { language: '', text: 'make demo\n\nmake test\n' },
      { language: 'js', text: 'let x\n\n' },
    ])
  })

  it('is no part where a word is another', () => {
    const [program] = programs
    expect(isPart(program!)).toBe(true)
    expect(isPart(program!.replace('const', 'let'))).toBe(false)
  })

  it.each(all)('%s shows parts of examples', (_, blocks) => {
    const shown = blocks.filter(({ language }) => CODE.includes(language))
    expect(shown.filter(({ text }) => !isPart(text))).toEqual([])
  })

  it.each(all)('%s has it between fences', (_, blocks) => {
    const others = blocks.filter(({ language }) => ![...CODE, 'python'].includes(language))
    const code = /^\s*(import|export|const|let|await|for) /m
    expect(others.filter(({ text }) => code.test(text))).toEqual([])
  })
})

/** The codes in the tables of all rooms. */
const codes = new Set(
  readdirSync(join(REPOSITORY, 'packages'))
    .filter((room) => !['cli', 'studio', 'testing'].includes(room))
    .map((room) => readFileSync(join(REPOSITORY, 'packages', room, 'src/errors.ts'), 'utf8'))
    .flatMap((text) => text.match(/(?<=^ {2})[A-Z_]+(?=: \{)/gm)!),
)
const families = new Set([...codes].map((code) => code.split('_')[0]))

describe('the code of an error on a page', () => {
  it.each(pages().map(({ name, text }) => [name, text]))('%s: is one of a room', (_, text) => {
    const named = text.match(/(?<![$A-Z_])[A-Z]+_[A-Z_]+\b/g) ?? []
    const stale = named.filter((code) => families.has(code.split('_')[0]!) && !codes.has(code))
    expect(stale).toEqual([])
  })
})

describe('a link on a page', () => {
  const linksOf = (name: string, text: string) =>
    [...text.matchAll(/\]\((?!https?:)([^)#]*)#?([^)]*)\)/g)].map(([, file, heading]) => ({
      path: file === '' ? join(REPOSITORY, name) : resolve(REPOSITORY, dirname(name), file!),
      heading: heading!,
    }))
  /** As GitHub makes them. */
  const headings = (path: string) =>
    readFileSync(path, 'utf8')
      .match(/(?<=^#+ ).*$/gm)!
      .map((title) =>
        title
          .toLowerCase()
          .replace(/[^\w\- ]/g, '')
          .replaceAll(' ', '-'),
      )

  it.each(pages().map(({ name, text }) => [name, text]))('%s: leads somewhere', (name, text) => {
    const broken = linksOf(name, text).filter(
      ({ path, heading }) =>
        !existsSync(path) || (heading !== '' && !headings(path).includes(heading)),
    )
    expect(broken).toEqual([])
  })
})

describe('README', () => {
  it('is one screen and a half', () => {
    const [readme] = pages()
    expect(readme!.text.split('\n').length).toBeLessThanOrEqual(95)
  })
})
