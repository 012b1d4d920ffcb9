import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { firstLine, forEachLine } from './lines.js'
import { readText } from './regular.js'

const path = join(mkdtempSync(join(tmpdir(), 'lines-')), 'list.txt')
const lines = (text: string): string[] => {
  writeFileSync(path, text)
  const found: string[] = []
  forEachLine(path, (bytes, start, end, line) => {
    found.push(`${line} ${bytes.toString('utf8', start, end)}`)
  })
  return found
}

describe('lines of a list', () => {
  it('are those between line breaks of both kinds, the empty ones left out', () => {
    expect(lines('a\r\n\nb c\n')).toEqual(['1 a', '3 b c'])
    expect(lines('a\nb')).toEqual(['1 a', '2 b'])
    expect(lines('')).toEqual([])
  })

  it('begin after a byte order mark, which is none anywhere else', () => {
    expect(lines('\uFEFFa\n\uFEFFb\n')).toEqual(['1 a', '2 \uFEFFb'])
    expect(lines('\uFEFF\na')).toEqual(['2 a'])
    expect(lines('\uFEFF')).toEqual([])
    // Longer than a piece of the file that is read at once.
    const many = Array.from({ length: 70_000 }, (_, i) => `line number ${i}`)
    const found = lines(`\uFEFF${many.join('\n')}`)
    expect(found).toHaveLength(many.length)
    expect([found[0], found.at(-1)]).toEqual(['1 line number 0', '70000 line number 69999'])
    expect(firstLine(path)).toBe('line number 0')
    expect(readText(path).slice(0, 13)).toBe('line number 0')
  })
})
