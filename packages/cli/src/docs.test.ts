import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { codeBlocks, pages } from '@arcface/testing'
import { type Command, CommanderError } from 'commander'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { allCommands, createProgram } from './program.js'

// What the pages and the help tell to type is given to the commands' own definitions, which then do no work.

/** Where a command makes the folder of its report before it begins. */
const room = mkdtempSync(join(tmpdir(), 'docs-'))
const before = process.cwd()
beforeAll(() => process.chdir(room))
afterAll(() => {
  process.chdir(before)
  rmSync(room, { recursive: true })
})

/** The command lines of a shell's text, without comments, prompts and what starts several processes. */
function commandLines(text: string): string[] {
  return text
    .replace(/\\\n\s*/g, ' ')
    .split('\n')
    .map((line) => line.replace(/\s#.*/, '').replace(/^npx (@arcface\/cli|arcface)/, 'arcface'))
    .flatMap((line) => line.match(/(?<=^|^\$ |^ +\$ |^(?:torchrun|srun) .*)arcface [^"'].*/) ?? [])
}

/** Its words; brackets tell what may be left out, bars what may stand instead: each of these makes a line more. */
function wordsOf(line: string): string[][] {
  const words = line.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)!.slice(1)
  return words.reduce<string[][]>(
    (lines, word) => {
      const choices = /^["']/.test(word)
        ? [word.slice(1, -1)]
        : word.replace(/^\[(.*)\]$|^\[|\]$/g, '$1').split('|')
      return choices.flatMap((choice) => lines.map((before) => [...before, choice]))
    },
    [[]],
  )
}

/** Does something by itself, and not only by the commands that it holds. */
const works = ({ commands, registeredArguments }: Command): boolean =>
  commands.length === 0 || registeredArguments.length > 0

/** Why the command line is wrong. @param part it only names a command */
async function wrong(words: string[], part: boolean): Promise<string | undefined> {
  const program = createProgram()
  for (const command of [program, ...allCommands(program)]) {
    command.configureOutput({ writeOut: () => {}, writeErr: () => {} })
    if (works(command)) command.action(() => {})
  }
  const given = words.filter((word) => word !== '...')
  try {
    await program.parseAsync(given, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    const { code, message } = error
    const unfinished = part || given.length < words.length
    if (code === 'commander.helpDisplayed') return undefined
    if (unfinished && /missing|\.help$/i.test(code)) return undefined
    // A word in capitals stands for what the reader puts there.
    if (code === 'commander.invalidArgument' && /'[A-Z]+' is invalid/.test(message))
      return undefined
    return `arcface ${words.join(' ')}\n  ${message}`
  }
  return undefined
}

async function allWrong(lines: string[], part = false): Promise<string[]> {
  const reasons = await Promise.all(lines.flatMap(wordsOf).map((words) => wrong(words, part)))
  return reasons.filter((reason) => reason !== undefined)
}

const shellOf = (text: string) =>
  codeBlocks(text)
    .filter(({ language }) => ['', 'sh'].includes(language))
    .flatMap((block) => commandLines(block.text))

/** Commands in the middle of a sentence. */
const mentions = (text: string) =>
  [...text.replace(/^```.*?^```/gms, '').matchAll(/`(arcface [^`]+)`/g)].map(([, line]) =>
    line!.replaceAll('\n', ' '),
  )

const nameOf = (command: Command): string =>
  command.parent ? `${nameOf(command.parent)} ${command.name()}` : command.name()

describe('what is told to type', () => {
  it.each(pages().map(({ name, text }) => [name, text]))(
    '%s names commands and options that exist',
    async (_, text) => {
      expect(await allWrong(shellOf(text))).toEqual([])
      expect(await allWrong(mentions(text), true)).toEqual([])
    },
  )

  it('is refused where it is wrong', async () => {
    const lines = [
      'arcface trian x.yaml',
      'arcface export',
      'arcface gallery show|lst people ...',
      'arcface models pull --form F',
    ]
    expect((await allWrong(lines)).map((reason) => reason.split('\n')[0])).toEqual([
      'arcface trian x.yaml',
      'arcface export',
      'arcface gallery lst people ...',
      'arcface models pull --form F',
    ])
  })

  const root = createProgram()
  const all = [root, ...allCommands(root)]
  const ends = all.filter(works)

  it('shows every command on a page', () => {
    const shown = pages()
      .flatMap(({ text }) => shellOf(text))
      .flatMap(wordsOf)
      .map((words) => `arcface ${words.join(' ')} `)
    const missing = ends
      .map(nameOf)
      .filter((name) => !shown.some((line) => line.startsWith(`${name} `)))
    expect(missing).toEqual([])
  })

  it.each(all.map((command) => [nameOf(command), command] as const))(
    'the help of %s has an example that is right',
    async (name, command) => {
      let help = ''
      command.configureOutput({
        writeOut: (text) => {
          help += text
        },
      })
      command.outputHelp()
      const lines = commandLines(help.slice(help.search(/^Examples?\b/m)))
      expect(lines.some((line) => `${line} `.startsWith(`${name} `))).toBe(true)
      expect(await allWrong(lines)).toEqual([])
    },
  )
})
