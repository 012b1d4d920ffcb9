import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { FilesError } from '../errors.js'
import { OutputFile } from '../write/write.js'
import { parquetRows } from './parquet.js'
import { type ReadParquetOptions, readParquet } from './read-parquet.js'

const room = mkdtempSync(join(tmpdir(), 'parquet-'))
const whole = join(room, 'whole.parquet')
const rows = Array.from({ length: 7 }, (_, i) => ({
  id: `face ${i}`,
  tags: i % 2 === 0 ? [] : ['a', `b${i}`],
  numbers: [i, 0.5, -i],
  picture: i === 3 ? null : Uint8Array.of(i, 255),
}))

beforeAll(async () => {
  using file = new OutputFile(whole)
  const sink = await parquetRows(
    file,
    [
      { name: 'id', kind: 'text' },
      { name: 'tags', kind: 'texts' },
      { name: 'numbers', kind: 'numbers' },
      { name: 'picture', kind: 'bytes', optional: true },
    ],
    { mine: 'about it' },
  )
  await sink.add(rows)
  await sink.close()
  file.commit()
})

async function all(path: string, options: ReadParquetOptions = {}): Promise<unknown[]> {
  const found: unknown[] = []
  for await (const { about, rows } of readParquet(path, 'mine', options))
    found.push(...(found.length === 0 ? [about] : []), ...rows)
  return found
}

function changed(name: string, change: (bytes: Buffer) => void): string {
  const bytes = readFileSync(whole)
  change(bytes)
  const path = join(room, name)
  writeFileSync(path, bytes)
  return path
}

const refused = (message: RegExp) =>
  expect.objectContaining({ code: 'FILES_TABLE', message: expect.stringMatching(message) })

describe('readParquet', () => {
  it('gives what was written, in batches of any size', async () => {
    const plain: unknown[] = rows
    expect(await all(whole)).toEqual(['about it', ...plain])
    expect(await all(whole, { batch: 2 })).toEqual(['about it', ...plain])
  })

  it('refuses a footer of more rows than a file of its size has', async () => {
    // FileMetaData.num_rows, field 3 of type i64, behind the schema: 0x16 and the zigzag varint of 7.
    const path = changed('rows.parquet', (bytes) => {
      const at = bytes.lastIndexOf(Buffer.from([0x16, 14, 0x19]))
      expect(at).toBeGreaterThan(0)
      bytes[at + 1] = 12
    })
    await expect(all(path)).rejects.toThrow(refused(/6 rows/))
  })

  it('gives up what does not end', async () => {
    await expect(all(whole, { patience: 1 })).rejects.toThrow(refused(/did not end/))
  })

  it('refuses what is no Parquet file', async () => {
    const path = join(room, 'text.parquet')
    writeFileSync(path, 'no Parquet at all')
    await expect(all(path)).rejects.toThrow(refused(/text\.parquet is no Parquet file/))
    await expect(all(room)).rejects.toMatchObject({ code: 'FILES_READ' })
  })

  it('gives rows or a coded error for any change', async () => {
    const { length } = readFileSync(whole)
    const edit = fc.tuple(fc.nat(length - 1), fc.nat(255))
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 3 }), async (edits) => {
        const path = changed('fuzz.parquet', (bytes) => {
          for (const [at, value] of edits) bytes[at] = value
        })
        await all(path, { patience: 5000 }).catch((error) => {
          if (!(error instanceof FilesError)) throw error
        })
      }),
      { numRuns: 60 },
    )
  }, 120_000)
})
