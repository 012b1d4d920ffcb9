import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { printable, printableMessage, writeOut } from './printable.js'

/** What `writeOut` hands to the stream. */
function written(text: string): string {
  const pieces: string[] = []
  const { write } = process.stdout
  process.stdout.write = (piece: unknown) => pieces.push(String(piece)) > 0
  try {
    writeOut(text)
  } finally {
    process.stdout.write = write
  }
  return pieces.join('')
}

describe('printable', () => {
  it('leaves names of every script as they are', () => {
    for (const name of [
      'Ada Lovelace',
      'Bj\u00f6rn',
      '\u738b\u5c0f\u660e',
      '\u05d3\u05d5\u05d3',
      '\u0645\u0631\u064a\u0645',
      '\u{1f600}',
    ])
      expect(printable(name)).toBe(name)
  })

  it('writes out what a terminal obeys and what turns, hides or forges text', () => {
    expect(printable('a\x1b]0;title\x07b')).toBe('a\\u001b]0;title\\u0007b')
    expect(printable('\x9b2J')).toBe('\\u009b2J')
    expect(printable('a\rb\nc\td')).toBe('a\\u000db\\u000ac\\u0009d')
    expect(printable('\u202egpj.exe')).toBe('\\u202egpj.exe')
    expect(printable('A\u200bda \ufeff\u2066\u00ad\u2028\u3164')).toBe(
      'A\\u200bda \\ufeff\\u2066\\u00ad\\u2028\\u3164',
    )
    expect(printable('\u{e0041}\ud800')).toBe('\\udb40\\udc41\\ud800')
  })

  it('keeps the further lines of a message apart from lines of ours', () => {
    expect(printableMessage('a\nerror: b\x1b[2J')).toBe('a\n  error: b\\u001b[2J')
  })
})

describe('writeOut', () => {
  it('keeps lines and columns, and JSON the same value', () => {
    expect(written('a\tb\x1b[31m\n')).toBe('a\tb\\u001b[31m\n')
    const value = { name: '\u202ea\x9b\u200b\n\u{e0041}' }
    const text = written(`${JSON.stringify(value)}\n`)
    expect(text).not.toMatch(/[\u202e\x9b\u200b]/)
    expect(JSON.parse(text)).toEqual(value)
  })

  it('is the one way to the terminal', () => {
    const folder = fileURLToPath(new URL('..', import.meta.url))
    const others = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
      (name) => /(?<!\.test)\.ts$/.test(name) && name !== join('terminal', 'printable.ts'),
    )
    const direct = others.filter((name) =>
      /std(out|err)\.write\(|console\.\w+\(/.test(readFileSync(join(folder, name), 'utf8')),
    )
    expect(direct).toEqual([])
  })
})
