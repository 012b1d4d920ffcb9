import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { OutputFile } from '../write/write.js'
import { parquetRows } from './parquet.js'
import { readTable } from './read-table.js'

const room = mkdtempSync(join(tmpdir(), 'table-'))
afterAll(() => rmSync(room, { recursive: true }))

async function all(name: string, text?: string) {
  const path = join(room, name)
  if (text !== undefined) writeFileSync(path, text)
  const rows: unknown[] = []
  for await (const { line, values } of readTable(path)) rows.push([line, values])
  return rows
}

describe('readTable', () => {
  it('reads CSV by RFC 4180, whichever of three separators it has', async () => {
    const text = '\uFEFFperson,note\r\nann,"a ""b"", c\r\nd"\r\n\r\nbob,\r\n'
    const expected = [
      [2, { person: 'ann', note: 'a "b", c\r\nd' }],
      [5, { person: 'bob', note: '' }],
    ]
    expect(await all('a.csv', text)).toEqual(expected)
    expect(await all('b.csv', 'a;b\n1,5;"x;y"')).toEqual([[2, { a: '1,5', b: 'x;y' }]])
    expect(await all('c.tsv', 'a\tb\n1\t2\n')).toEqual([[2, { a: '1', b: '2' }]])
    expect(await all('d.csv', 'only\none\n')).toEqual([[2, { only: 'one' }]])
    expect(await all('e.csv', '')).toEqual([])
  })

  it('gives every text back that was quoted', async () => {
    const field = fc.string({ unit: fc.constantFrom('a', ',', ';', '\t', '"', '\n', '\r', 'é') })
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(field, field), { maxLength: 5 }), async (rows) => {
        const quoted = (one: string) => `"${one.replaceAll('"', '""')}"`
        const text = rows.map((row) => `${row.map(quoted).join(',')}\n`).join('')
        const read = await all('f.csv', `x,y\n${text}`)
        expect(read.map((row) => (row as [number, object])[1])).toEqual(
          rows.map(([x, y]) => ({ x: x.trim(), y: y.trim() })),
        )
      }),
      { numRuns: 50 },
    )
  })

  it('reads lines of JSON and Parquet', async () => {
    expect(await all('g.jsonl', '{"a":1}\n{"a":"x"}\n')).toEqual([
      [1, { a: 1 }],
      [2, { a: 'x' }],
    ])
    using file = new OutputFile(join(room, 'h.parquet'))
    const sink = await parquetRows<{ a: string; b: number }>(file, [
      { name: 'a', kind: 'text' },
      { name: 'b', kind: 'number' },
    ])
    await sink.add([{ a: 'é', b: 2 }])
    await sink.close()
    file.commit()
    expect(await all('h.parquet')).toEqual([[1, { a: 'é', b: 2 }]])
  })

  it.each([
    ['a.csv', 'a,b\n1\n', /line 2: 1 fields, but the first line names 2/],
    ['a.csv', 'a,a\n', /line 1: two columns are named a/],
    ['a.csv', 'a,\n', /line 1: a column has no name/],
    ['a.csv', 'a,b\n1,"2\n', /line 2: a quotation mark is not closed/],
    ['a.jsonl', '{}\n[]\n', /line 2: no object/],
    ['a.xlsx', '', /no table that is known: \.csv/],
  ])('refuses %s with %j', async (name, text, message) => {
    await expect(all(name, text)).rejects.toMatchObject({
      code: 'FILES_TABLE',
      message: expect.stringMatching(message),
    })
  })
})
