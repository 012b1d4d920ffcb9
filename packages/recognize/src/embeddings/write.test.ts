import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { face as vector } from '@arcface/testing'
import type { Face } from '@arcface/vision'
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EmbeddingRow, PhotoResult } from './rows.js'
import { writeEmbeddings } from './write.js'

const DIM = 5
const found: Face = {
  box: { x: 1.5, y: 2, width: 30, height: 40 },
  points: [38, 73, 56, 41, 70].map((x) => ({ x, y: 50 })),
  score: 0.75,
  quality: {
    eyes: 35,
    sharpness: 120,
    noise: 0.25,
    flat: 0.0625,
    plausibility: 0.875,
    yaw: 0.25,
    pitch: -0.5,
    roll: 0.125,
    brightness: 128,
    contrast: 40,
    sides: 0.5,
  },
  grade: {
    value: 0.25,
    parts: { size: 1, blur: 0.5, pose: 0.5, light: 1, points: 1, occlusion: null },
  },
  rejected: ['small', 'blurred'],
}
const rows = [
  { path: 'ä/1.jpg', face: found, rejected: found.rejected, embedding: vector(DIM, 1) },
  { path: 'ä/1.jpg', face: found, norm: 2.5, rejected: found.rejected, embedding: vector(DIM, 2) },
  { path: 'b.png', face: null, rejected: [], embedding: vector(DIM, 3) },
]
async function* results(): AsyncGenerator<readonly PhotoResult[]> {
  yield [
    { path: 'ä/1.jpg', faces: rows.slice(0, 2) },
    { path: 'a.txt', skipped: 'no picture' },
  ]
  yield [{ path: 'b.png', faces: rows.slice(2) }]
}
async function* nothing(): AsyncGenerator<readonly PhotoResult[]> {
  yield [{ path: 'a.txt', skipped: 'no picture' }]
}

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'embeddings-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('writeEmbeddings', () => {
  it('.npy: as numpy.lib.format says, the paths beside it', async () => {
    const file = join(folder, 'a.npy')
    expect(await writeEmbeddings(file, DIM, results())).toEqual({
      faces: 3,
      rejected: 2,
      skipped: [{ photo: 'a.txt', reason: 'no picture' }],
    })
    const bytes = readFileSync(file)
    expect(bytes.subarray(0, 8).toString('latin1')).toBe('\x93NUMPY\x01\x00')
    const start = 10 + bytes.readUInt16LE(8)
    expect(start % 64).toBe(0)
    expect(bytes.subarray(10, start).toString()).toMatch(
      /^\{'descr': '<f4', 'fortran_order': False, 'shape': \(3, 5\), \} *\n$/,
    )
    const values = rows.flatMap(({ embedding }) => [...embedding])
    expect(values.map((_, i) => bytes.readFloatLE(start + 4 * i))).toEqual(values)
    expect(bytes).toHaveLength(start + 4 * values.length)
    expect(readFileSync(join(folder, 'a.txt'), 'utf8')).toBe('ä/1.jpg\nä/1.jpg\nb.png\n')
  })

  it('.txt beside .npy: a line a face, whatever the path is made of', async () => {
    const paths = ['a\nb.jpg', 'c.jpg', '"d".jpg', 'e\r.jpg', '\u2028f.jpg', '\\n.jpg']
    async function* odd(): AsyncGenerator<readonly PhotoResult[]> {
      for (const [i, path] of paths.entries())
        yield [{ path, faces: [{ path, face: null, rejected: [], embedding: vector(DIM, i) }] }]
    }
    await writeEmbeddings(join(folder, 'odd.npy'), DIM, odd())
    const text = readFileSync(join(folder, 'odd.txt'), 'utf8')
    const lines = text.slice(0, -1).split(/\r\n|[\n\r\u2028\u2029]/)
    expect(lines.map((line) => (line.startsWith('"') ? JSON.parse(line) : line))).toEqual(paths)
    expect(lines.filter((line) => !line.startsWith('"'))).toEqual(['c.jpg', '\\n.jpg'])
  })

  it('.parquet: a row a face, bit for bit', async () => {
    const file = join(folder, 'a.parquet')
    await writeEmbeddings(file, DIM, results())
    const read = await parquetReadObjects({ file: await asyncBufferFromFile(file) })
    expect(read.map(({ path, embedding }) => ({ path, embedding }))).toEqual(
      rows.map(({ path, embedding }) => ({ path, embedding: [...embedding] })),
    )
    const { points: _, box, score, quality } = found
    expect(read[1]).toMatchObject({
      ...box,
      score,
      ...quality,
      grade: 0.25,
      norm: 2.5,
      rejected: found.rejected,
    })
    expect(read[2]).toMatchObject({ x: null, score: null, roll: null, rejected: [] })
  })

  it('.jsonl: a line a face, with its points', async () => {
    const file = join(folder, 'a.jsonl')
    await writeEmbeddings(file, DIM, results())
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toEqual(
      rows.map(({ path, face, rejected, embedding, norm }: EmbeddingRow) => ({
        path,
        ...face,
        ...(norm !== undefined && { norm }),
        rejected,
        embedding: [...embedding],
      })),
    )
  })

  it('keeps the file that was there where there is nothing to write, or something fails', async () => {
    for (const ending of ['npy', 'parquet', 'jsonl']) {
      const file = join(folder, `kept.${ending}`)
      await writeEmbeddings(file, DIM, results())
      const before = readFileSync(file)
      await expect(writeEmbeddings(file, DIM, nothing())).rejects.toMatchObject({
        code: 'VISION_NO_FACE',
        message: expect.stringContaining('a.txt: no picture'),
      })
      expect(readFileSync(file)).toEqual(before)
      const nowhere = join(folder, 'none', `x.${ending}`)
      await expect(writeEmbeddings(nowhere, DIM, results())).rejects.toMatchObject({
        code: 'FILES_WRITE',
      })
    }
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  it('refuses other endings before anything is read', async () => {
    const file = join(folder, 'a.csv')
    await expect(writeEmbeddings(file, DIM, results())).rejects.toMatchObject({
      code: 'RECOGNIZE_USE',
    })
    expect(existsSync(file)).toBe(false)
  })
})
