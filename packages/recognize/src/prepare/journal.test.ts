import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Journal } from './journal.js'

const path = join(mkdtempSync(join(tmpdir(), 'journal-')), 'faces.jsonl')
const entry = (photo: string) => ({ photo, faces: [`${photo}.jpg`] })
const lines = (...all: (string | object)[]) =>
  Buffer.from(
    all.map((one) => `${typeof one === 'string' ? one : JSON.stringify(one)}\n`).join(''),
    'latin1',
  )

describe('Journal', () => {
  it('passes over damaged lines, counts them and goes on', () => {
    // Bytes that are no UTF-8 are longer as the text that they are read as.
    const bad = ['\0\0\0\0', 'null', '{"photo":"b"', '{"photo":1,"faces":[]}', '\xff\xfe\xfd']
    const before = Buffer.concat([
      lines('way', entry('a'), ...bad, entry('z')),
      Buffer.from('{"half'),
    ])
    writeFileSync(path, before)
    const journal = new Journal(path, 'way')
    expect([...journal.done.values()]).toEqual([entry('a'), entry('z')])
    expect(journal.damaged).toEqual([3, 4, 5, 6, 7])
    journal.add(entry('b'))
    journal.close()
    const after = Buffer.concat([lines('way', entry('a'), ...bad, entry('z')), lines(entry('b'))])
    expect(readFileSync(path)).toEqual(after)
    const again = new Journal(path, 'way')
    again.close()
    expect(again.done.get('b')).toEqual(entry('b'))
  })

  it('refuses to go on in another way, or in one that nobody can read', () => {
    for (const first of ['another', '\0\0']) {
      writeFileSync(path, lines(first, entry('a')))
      expect(() => new Journal(path, 'way')).toThrow(
        expect.objectContaining({ code: 'RECOGNIZE_USE' }),
      )
    }
  })
})
