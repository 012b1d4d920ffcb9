import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AuditLog } from '@arcface/server'
import { afterAll, beforeAll, expect, it } from 'vitest'

const bin = fileURLToPath(new URL('../../bin/arcface.js', import.meta.url))
const room = mkdtempSync(join(tmpdir(), 'audit-cli-'))
const folder = join(room, 'audit')
afterAll(() => rmSync(room, { recursive: true }))

const run = (...args: string[]) =>
  spawnSync(process.execPath, [bin, 'audit', ...args], {
    encoding: 'utf8',
    env: { ...process.env, ARCFACE_SERVER_DATA: room },
  })

let head: string
beforeAll(async () => {
  const log = await AuditLog.open(folder, { days: 9, segmentBytes: 1e6, log: console })
  const staff = { gallery: 'staff', key: { id: '1f9d3c52', name: 'gate' }, status: 200 }
  await log.record('request', {
    ...{ operation: 'POST /v1/galleries/:gallery/identify', ...staff },
    inputs: [{ faces: [{ known: true, people: ['Ada\u001b[2J'] }] }],
  })
  await log.record('request', { operation: 'DELETE ...', ...staff, people: ['Bob'], key: null })
  await log.record('job', { job: 'enroll', gallery: 'guests', key: '1f9d3c52' })
  await log.close()
  head = log.head
})

it('says that a log is good, and its last hash, which is expected later', () => {
  const { status, stdout } = run('verify')
  expect([status, stdout]).toEqual([0, expect.stringMatching(`good +1 +5 .*${head}`)])
  expect(JSON.parse(run('verify', folder, '--expect', head, '--json').stdout)).toMatchObject({
    ...{ good: true, missing: [] },
    chains: [{ lines: 5, head, problem: null }],
  })
  const other = run('verify', '--expect', 'f'.repeat(64))
  expect([other.status, other.stderr]).toEqual([1, expect.stringMatching(/no line has the hash f/)])
  expect(run('verify', join(room, 'none')).stdout).toBe('none\n')
})

it.each([
  [['--person', 'Ada\u001b[2J'], [2]],
  [['--person', 'Bob'], [3]],
  [
    ['--key', '1f9d3c52'],
    [2, 4],
  ],
  [['--gallery', 'staff', '--operation', 'DELETE'], [3]],
  [['--operation', 'job'], [4]],
  [
    ['--since', '2020-01-01', '--until', '2999-01-01T00:00:00Z'],
    [1, 2, 3, 4, 5],
  ],
  [['--until', '2020-01-01'], []],
])('shows the lines of %j', (args, wanted) => {
  const { status, stdout } = run('show', ...args, '--json')
  expect(status).toBe(0)
  expect(JSON.parse(stdout).lines.map(({ seq }: { seq: number }) => seq)).toEqual(wanted)
})

it('shows them as a table that obeys nobody', () => {
  const { stdout } = run('show', '--gallery', 'staff')
  expect(stdout.split('\n')[0]).toMatch(/^TIME +WHAT +GALLERY +KEY +STATUS +PEOPLE$/)
  expect(stdout).not.toContain('\u001b')
  expect(stdout.split('\n')[1]).toMatch(/identify +staff +1f9d3c52 +200 +Ada/)
})

it.each([
  [['verify', '--expect', 'x'], /must be a hash/],
  [['show', '--since', 'soon'], /must be a day/],
  [['show', '--since', '2026-13-01'], /must be a day/],
])('refuses %j as wrong usage', (args, why) => {
  const { status, stderr } = run(...args)
  expect([status, stderr]).toEqual([2, expect.stringMatching(why)])
})

it.each([1, 2, 3, 4])('tells that line %i was cut out', (line) => {
  const copy = mkdtempSync(join(room, 'cut-'))
  cpSync(folder, copy, { recursive: true })
  const [file] = readdirSync(copy).filter((name) => name.endsWith('.jsonl'))
  const path = join(copy, file!)
  const lines = readFileSync(path, 'utf8').split(/(?<=\n)/)
  writeFileSync(path, lines.filter((_, i) => i !== line - 1).join(''))
  const { status, stdout, stderr } = run('verify', copy)
  expect([status, stdout]).toEqual([1, expect.stringMatching(`CHANGED +1 +${line - 1} `)])
  expect(stderr).toMatch(`${file}, line ${line}: `)
  // The end may be cut off unseen, but not from who has noted the last hash.
  writeFileSync(path, lines.slice(0, -line).join(''))
  expect(run('verify', copy, '--expect', head).stderr).toMatch(/lines were cut/)
})

it('names the line that was changed', () => {
  const [file] = readdirSync(folder).filter((name) => name.endsWith('.jsonl'))
  const path = join(folder, file!)
  writeFileSync(path, readFileSync(path, 'utf8').replace('Bob', 'Eve'))
  const { status, stdout, stderr } = run('verify')
  expect([status, stdout]).toEqual([1, expect.stringMatching(/CHANGED +1 +2 /)])
  expect(stderr).toBe(`${file}, line 3: the line was changed\n`)
})
