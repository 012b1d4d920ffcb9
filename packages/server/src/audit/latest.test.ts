import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { silent } from '../testing/keys.js'
import type { AuditFilter } from './filter.js'
import { latestAudit } from './latest.js'
import { AuditLog } from './log.js'
import { readAudit } from './read.js'

const room = mkdtempSync(join(tmpdir(), 'latest-'))
afterAll(() => rmSync(room, { recursive: true }))

const written = async (name: string, lines: number, segmentBytes = 1e6, width = 0) => {
  const folder = join(room, name)
  const log = await AuditLog.open(folder, { days: 9, segmentBytes, log: silent })
  for (let i = 0; i < lines; i++)
    await log.record('request', {
      operation: `GET ${i}`,
      gallery: i % 10 ? 'a' : 'b',
      w: 'x'.repeat(width),
    })
  return { folder, log }
}

/** All pages of a log, one after the other. */
async function pages(folder: string, filter: AuditFilter, limit: number) {
  const all: Awaited<ReturnType<typeof latestAudit>>[] = []
  let before: string | undefined
  do {
    const page = await latestAudit(folder, filter, { limit, before })
    all.push(page)
    before = page.next ?? undefined
  } while (before !== undefined)
  return all
}
const seqs = (found: Awaited<ReturnType<typeof pages>>) =>
  found.flatMap(({ lines }) => lines.map(({ line }) => line.seq))

describe('the latest lines', () => {
  it('are all of them, backwards, over segments and pages', async () => {
    const { folder, log } = await written('segments', 60, 2000)
    await log.close()
    expect(readdirSync(folder).filter((name) => name.endsWith('.jsonl')).length).toBeGreaterThan(5)
    const forwards: unknown[] = []
    for await (const line of readAudit(folder)) forwards.push(line)
    for (const limit of [1, 7, 1000]) {
      const found = await pages(folder, {}, limit)
      expect(found.flatMap(({ lines }) => lines.map(({ line }) => line))).toEqual(
        forwards.toReversed(),
      )
      expect(found.every(({ lines }) => lines.length <= limit)).toBe(true)
    }
  })

  it('are read in blocks, which lines may cross', async () => {
    const { folder, log } = await written('blocks', 40, 1e9, 50_000)
    await log.close()
    expect(seqs(await pages(folder, {}, 3))).toEqual(Array.from({ length: 42 }, (_, i) => 42 - i))
  })

  it('are those that are wanted', async () => {
    const { folder, log } = await written('wanted', 30)
    const found = await pages(folder, { gallery: 'b' }, 2)
    expect(seqs(found)).toEqual([22, 12, 2])
    const none = await pages(folder, { since: new Date('2999-01-01') }, 2)
    expect(none).toEqual([{ lines: [], next: null, changed: 0 }])
    await log.close()
  })

  it('stay what they were while others are written', async () => {
    const { folder, log } = await written('growing', 5)
    const first = await latestAudit(folder, {}, { limit: 2 })
    await log.record('request', { operation: 'later' })
    const second = await latestAudit(folder, {}, { limit: 99, before: first.next! })
    expect([first, second].flatMap(({ lines }) => lines.map(({ line }) => line.seq))).toEqual([
      ...[6, 5, 4, 3, 2, 1],
    ])
    await log.close()
  })

  it('are of all chains in the order of time', async () => {
    const one = await written('chains', 3)
    const two = await written('chains', 3)
    // Lines of one millisecond have no order between chains.
    await setTimeout(2)
    await one.log.record('request', { operation: 'last' })
    const found = await pages(one.folder, {}, 2)
    const times = found.flatMap(({ lines }) => lines.map(({ line }) => line.time))
    expect(times).toHaveLength(9)
    expect(times).toEqual(times.toSorted().toReversed())
    expect(found[0]!.lines[0]!.line.operation).toBe('last')
    await one.log.close()
    await two.log.close()
  })

  it('tell how many were changed, and pass over one that is being written', async () => {
    const { folder, log } = await written('changed', 5)
    await log.close()
    const [file] = readdirSync(folder).filter((name) => name.endsWith('.jsonl'))
    const path = join(folder, file!)
    writeFileSync(path, readFileSync(path, 'utf8').replace('GET 2', 'GET 9'))
    appendFileSync(path, '{"seq":8,"ti')
    const { lines, changed } = await latestAudit(folder, {}, { limit: 99 })
    expect([lines.map(({ line }) => line.seq), changed]).toEqual([[7, 6, 5, 3, 2, 1], 1])
  })

  it('are none where there is no log, and no place is anything else', async () => {
    expect(await latestAudit(join(room, 'none'), {}, { limit: 9 })).toMatchObject({ lines: [] })
    for (const before of ['x', '../1:1:1', '0123abcd:1:1,'])
      await expect(latestAudit(room, {}, { limit: 9, before })).rejects.toMatchObject({
        code: 'SERVER_REQUEST',
      })
  })
})
