import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import type { AuditLine } from './line.js'
import { AuditLog } from './log.js'
import { readAudit } from './read.js'
import { verifyAudit } from './verify.js'

let room: string | undefined
afterEach(() => {
  if (room) rmSync(room, { recursive: true })
  room = undefined
})
const folder = () => {
  room ??= mkdtempSync(join(tmpdir(), 'audit-'))
  return join(room, 'audit')
}
const open = (options: { days?: number; segmentBytes?: number } = {}) =>
  AuditLog.open(folder(), {
    ...{ days: 10, segmentBytes: 1 << 20, log: { error: () => {} } },
    ...options,
  })
const files = () =>
  readdirSync(folder())
    .filter((name) => name.endsWith('.jsonl'))
    .sort()
    .map((name) => join(folder(), name))
const lines = async (): Promise<AuditLine[]> => {
  const all = []
  for await (const line of readAudit(folder())) all.push(line)
  return all
}
const fresh = async (...expected: string[]) => {
  const { chains, missing } = await verifyAudit(folder(), expected)
  return { problems: chains.map(({ problem }) => problem), missing }
}
const good = { problems: [null], missing: [] }

/** A log of a few lines in three segments, and the hash of its last. */
async function written(): Promise<string> {
  const log = await open({ segmentBytes: 900 })
  for (let i = 0; i < 6; i++) await log.record('request', { i, name: 'Zoë "\u2028 名' })
  await log.close()
  expect(files()).toHaveLength(3)
  return log.head
}

describe('an audit log', () => {
  it('is a chain that anybody can check with sha-256 alone', async () => {
    const log = await open()
    await Promise.all([1, 2, 3].map((n) => log.record('request', { n })))
    await log.close()
    const [file] = files()
    expect(statSync(file!).mode & 0o777).toBe(0o600)
    expect(statSync(folder()).mode & 0o777).toBe(0o700)
    let prev = '0'.repeat(64)
    const all = readFileSync(file!, 'utf8').trimEnd().split('\n')
    expect(all).toHaveLength(5)
    for (const [i, line] of all.entries()) {
      const content = line.replace(/,"hash":"[0-9a-f]{64}"}$/, '}')
      const { hash, ...rest } = JSON.parse(line)
      expect(rest).toMatchObject({ seq: i + 1, prev })
      expect(hash).toBe(createHash('sha256').update(content).digest('hex'))
      prev = hash
    }
    expect(log.head).toBe(prev)
    expect((await lines()).map(({ kind, n }) => [kind, n])).toEqual([
      ...[['segment'], ['request', 1], ['request', 2]].map(([kind, n]) => [kind, n]),
      ...[['request', 3], ['closed']].map(([kind, n]) => [kind, n]),
    ])
    expect(await fresh(log.head)).toEqual(good)
  })

  it('shows each byte that was changed, removed or put in', async () => {
    await written()
    expect(await fresh()).toEqual(good)
    for (const path of files()) {
      const whole = readFileSync(path)
      for (let at = 0; at < whole.length; at += 3) {
        const other = Buffer.from(whole)
        other[at]! ^= 1 << (at % 8)
        const without = Buffer.concat([whole.subarray(0, at), whole.subarray(at + 1)])
        const more = Buffer.concat([whole.subarray(0, at), Buffer.from('\n'), whole.subarray(at)])
        for (const changed of [other, without, more]) {
          writeFileSync(path, changed)
          expect((await fresh()).problems, `${path} ${at}`).not.toEqual([null])
        }
      }
      writeFileSync(path, whole)
    }
    expect(await fresh()).toEqual(good)
  }, 60_000)

  it('shows lines and segments that were removed, moved, repeated, or cut from the end', async () => {
    const head = await written()
    const paths = files()
    for (const [n, path] of paths.entries()) {
      const whole = readFileSync(path, 'utf8')
      const all = whole.split('\n').slice(0, -1)
      const isEnd = n === paths.length - 1
      const put = (some: string[]) => writeFileSync(path, some.map((one) => `${one}\n`).join(''))
      for (let i = 0; i < all.length; i++) {
        put(all.toSpliced(i, 1))
        const cut = isEnd && i === all.length - 1
        // Of the last line only its hash, noted elsewhere, tells.
        expect((await fresh()).problems[0] === null, `${n} without ${i}`).toBe(cut)
        expect((await fresh(head)).missing).toEqual(isEnd ? [head] : expect.anything())
        put(all.toSpliced(i, 0, all[i]!))
        expect((await fresh()).problems).not.toEqual([null])
        for (let j = 0; j < i; j++) {
          put(all.with(i, all[j]!).with(j, all[i]!))
          expect((await fresh()).problems).not.toEqual([null])
        }
      }
      if (!isEnd) {
        rmSync(path)
        expect((await fresh()).problems).not.toEqual([null])
      }
      writeFileSync(path, whole)
    }
    expect(await fresh(head)).toEqual(good)
    expect((await fresh('f'.repeat(64))).missing).toEqual(['f'.repeat(64)])
  })

  it.each([0, 1, 40])(
    'goes on behind %i bytes of a line that a kill has torn, and says so',
    async (n) => {
      await written()
      const torn = Buffer.from('{"seq":9,"time":"2026-11-28T00:00:00.000Z"').subarray(0, n)
      appendFileSync(files().at(-1)!, torn)
      expect((await fresh()).problems[0]?.why).toEqual(
        n ? expect.stringMatching(/not whole/) : undefined,
      )
      await (await open()).close()
      const start = (await lines()).findLast(({ kind }) => kind === 'segment')
      const said = { bytes: n, sha256: createHash('sha256').update(torn).digest('hex') }
      expect(start).toMatchObject({ reason: 'start', ...(n && { torn: said }) })
      expect(await fresh()).toEqual(good)
      // What is told of the torn bytes holds them too.
      if (n === 0) return
      appendFileSync(files().at(-2)!, 'x')
      expect((await fresh()).problems).not.toEqual([null])
    },
  )

  it('keeps what a killed process was told, and every line of it whole', async () => {
    const module = fileURLToPath(new URL('../../dist/audit/log.js', import.meta.url))
    const program = `
      const { AuditLog } = await import(${JSON.stringify(module)})
      const log = await AuditLog.open(process.argv[1], { days: 10, segmentBytes: 5000, log: console })
      for (let i = 0; ; i++)
        await Promise.all([0, 1, 2].map((j) => log.record('request', { i, j }).then(() => process.stdout.write(i + ' ' + j + '\\n'))))`
    for (let kill = 0; kill < 3; kill++) {
      const told = await new Promise<string>((resolve) => {
        const child = execFile(
          process.execPath,
          ['--input-type=module', '-e', program, folder()],
          (_, stdout) => resolve(stdout),
        )
        let length = 0
        child.stdout!.on('data', (text: string) => {
          length += text.length
          if (length > 400 * (kill + 1)) child.kill('SIGKILL')
        })
      })
      await (await open()).close()
      expect(await fresh()).toEqual(good)
      const kept = new Set((await lines()).map(({ i, j }) => `${i} ${j}`))
      for (const one of told.split('\n').slice(0, -1)) expect(kept).toContain(one)
    }
  }, 30_000)

  it('is never mended where somebody has changed it: another chain begins, and names it', async () => {
    await written()
    const path = files().at(-1)!
    const changed = readFileSync(path, 'utf8').replace('"reason":"size"', '"reason":"rise"')
    writeFileSync(path, changed)
    await (await open()).close()
    expect(readFileSync(path, 'utf8')).toBe(changed)
    const { chains } = await verifyAudit(folder())
    expect(chains).toHaveLength(2)
    const broken = chains.find(({ problem }) => problem)!
    expect(broken.problem!.why).toMatch(/no line/)
    expect((await lines()).find((line) => line.broken)).toMatchObject({ broken: [broken.chain] })
  })

  it('gives each of several processes a chain, and goes on with those of the dead', async () => {
    const [a, b] = [await open(), await open()]
    await Promise.all([a.record('request', { of: 'a' }), b.record('request', { of: 'b' })])
    expect((await verifyAudit(folder())).chains.map(({ lines }) => lines)).toEqual([2, 2])
    await a.close()
    await b.close()
    await (await open()).close()
    const { chains } = await verifyAudit(folder())
    expect(chains.map(({ problem }) => problem)).toEqual([null, null])
    expect(chains.map(({ segments }) => segments).sort()).toEqual([1, 2])
    const times = (await lines()).map(({ time }) => time)
    expect(times).toEqual([...times].sort())
  })

  it('takes no line behind its end: another process may go on there', async () => {
    const log = await open()
    await log.close()
    await expect(log.record('request', {})).rejects.toMatchObject({ code: 'SERVER_AUDIT' })
    await log.close()
    expect((await lines()).map(({ kind }) => kind)).toEqual(['segment', 'closed'])
  })

  it('deletes what is too old, and can be checked from there', async () => {
    const head = await written()
    const long = new Date(Date.now() - 11 * 86_400_000)
    const [first, second] = files()
    for (const path of [first!, second!]) utimesSync(path, long, long)
    await (await open()).close()
    expect(files()).not.toContain(first)
    expect(files()).not.toContain(second)
    expect(await fresh(head)).toEqual(good)
    const told = (await lines()).find(({ kind }) => kind === 'retention')
    expect(told).toMatchObject({ deleted: [first, second].map((path) => path!.slice(-23)) })
    // More than it tells is missing.
    rmSync(files()[0]!)
    expect((await fresh()).problems[0]?.why).toMatch(/missing/)
  })

  it('deletes chains that nobody writes any more', async () => {
    const [a, b] = [await open(), await open()]
    await a.close()
    await b.close()
    const long = new Date(Date.now() - 11 * 86_400_000)
    for (const path of files()) utimesSync(path, long, long)
    await (await open()).close()
    const { chains } = await verifyAudit(folder())
    expect(chains).toMatchObject([{ problem: null }])
    expect((await lines()).filter(({ kind }) => kind === 'retention')).toHaveLength(2)
  })
})
