import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'
import { OutputFile } from '../write/write.js'
import { jsonLines } from './json-lines.js'
import { readJsonLines } from './read-json-lines.js'

const room = mkdtempSync(join(tmpdir(), 'json-lines-'))
afterAll(() => rmSync(room, { recursive: true }))
const path = join(room, 'some.jsonl')
async function all() {
  const found: unknown[] = []
  for await (const { line, value } of readJsonLines(path)) {
    found.push(value)
    expect(line).toBe(found.length)
  }
  return found
}

it('gives what was written, also where chunks cut lines and letters', async () => {
  const long = { text: 'é\u2028'.repeat(100_000) }
  const rows = fc.array(fc.record({ a: fc.string(), b: fc.jsonValue() }), { maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(rows, async (some) => {
      const values = JSON.parse(JSON.stringify([...some, long, ...some]))
      using file = new OutputFile(path, { flushed: false })
      const sink = jsonLines(file, { header: 1 })
      await sink.add(values)
      await sink.close()
      file.commit()
      expect(await all()).toEqual([{ header: 1 }, ...values])
    }),
    { numRuns: 20 },
  )
})

it('takes lines of Windows and a last one without its end', async () => {
  writeFileSync(path, '{"a":1}\r\n2')
  expect(await all()).toEqual([{ a: 1 }, 2])
  writeFileSync(path, '')
  expect(await all()).toEqual([])
})

it('names the line that is none, and ends at one that does not end', async () => {
  for (const text of ['1\n\n2\n', '1\n{\n', '1\n\0\n']) {
    writeFileSync(path, text)
    await expect(all()).rejects.toMatchObject({
      code: 'FILES_TABLE',
      message: expect.stringContaining('line 2'),
    })
  }
  writeFileSync(path, Buffer.concat([Buffer.from('1\n'), Buffer.alloc(2 ** 26 + 1, ' ')]))
  await expect(all()).rejects.toMatchObject({ code: 'FILES_LINE' })
  rmSync(path)
  await expect(all()).rejects.toMatchObject({ code: 'FILES_READ' })
})
