import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'

const bin = fileURLToPath(new URL('../../bin/arcface.js', import.meta.url))
const room = mkdtempSync(join(tmpdir(), 'keys-cli-'))
afterAll(() => rmSync(room, { recursive: true }))

const run = (args: string[], data = room) =>
  spawnSync(process.execPath, [bin, 'keys', ...args], {
    encoding: 'utf8',
    env: { ...process.env, ARCFACE_SERVER_DATA: data },
  })
const json = (...args: string[]) => {
  const { status, stdout, stderr } = run([...args, '--json'])
  expect([status, stderr]).toEqual([0, ''])
  return JSON.parse(stdout)
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\n$/

it('makes a key, prints it once, lists it without its secret, revokes and removes it', () => {
  expect(run(['list']).stdout).toBe('none\n')
  const made = run([
    ...['create', 'the gate', '--scope', 'identify', '--gallery', 'staff', '--gallery', 'guests'],
    ...['--expires', '90d', '--rate', '600'],
  ])
  expect([made.status, made.stdout]).toEqual([0, expect.stringMatching(UUID)])
  const id = made.stdout.slice(0, 8)
  expect(made.stderr).toContain(id)
  const path = join(room, 'keys.json')
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(readFileSync(path, 'utf8')).not.toContain(made.stdout.trim().slice(9))

  const { keys } = json('list')
  const { created, expires, ...rest } = keys[0]
  expect(rest).toEqual({
    ...{ id, name: 'the gate', state: 'good', scopes: ['identify'], scores: false, rate: 600 },
    ...{ galleries: ['staff', 'guests'], revoked: null },
  })
  expect((Date.parse(expires) - Date.parse(created)) / 86_400_000).toBeCloseTo(90, 3)
  const lines = run(['list']).stdout.split('\n')
  expect(lines[0]).toMatch(/^ID +NAME +STATE/)
  expect(lines[1]).toMatch(`${id}  the gate  good   identify  staff guests  no`)

  expect(json('revoke', id)).toEqual({ revoked: id, name: 'the gate' })
  expect(json('list').keys[0].state).toBe('revoked')
  expect(run(['remove', id]).stdout).toBe(`removed ${id} the gate\n`)
  expect(json('list')).toEqual({ keys: [] })
})

it('finds the file where the configuration or --data says', () => {
  const config = join(room, 'server.yaml')
  writeFileSync(config, `keys: ${join(room, 'own.json')}\n`)
  const made = json('create', 'x', '--scope', 'read', '--scope', 'admin', '--config', config)
  expect(made).toMatchObject({ scopes: ['read', 'admin'], scores: true, galleries: null })
  expect(json('list', '--config', config).keys).toMatchObject([{ id: made.id }])
  expect(json('list', '--data', join(room, 'elsewhere'))).toEqual({ keys: [] })
})

it.each([
  [['create', 'x'], /--scope/],
  [['create', 'x', '--scope', 'all'], /one of read/],
  [['create', 'x', '--scope', 'read', '--expires', '2020-01-01'], /a day to come/],
  [['create', 'x', '--scope', 'read', '--expires', 'soon'], /a day to come/],
  [['create', 'x', '--scope', 'read', '--rate', '0'], /from 1/],
  [['revoke'], /missing/],
])('refuses %j as wrong usage', (args, why) => {
  const { status, stderr } = run(args, join(room, 'none'))
  expect([status, stderr]).toEqual([2, expect.stringMatching(why)])
})

it('says what is wrong with a name, an id or a damaged file, and leaves it', () => {
  const failed = (args: string[], data?: string) => {
    const { status, stderr } = run(args, data)
    expect(status).toBe(1)
    return stderr
  }
  const bad = ['create', 'x', '--scope', 'read', '--gallery', '../staff']
  expect(failed(bad)).toMatch(/^error SERVER_REQUEST: galleries.0/)
  expect(failed(['revoke', '00000000'])).toMatch(/^error SERVER_REQUEST: there is no key/)
  writeFileSync(join(room, 'keys.json'), '{"version": 1}')
  expect(failed(['list'])).toMatch(/^error SERVER_KEYS: .*keys\.json: keys: /)
  expect(failed(['create', 'x', '--scope', 'read'])).toMatch(/^error SERVER_KEYS/)
  expect(readFileSync(join(room, 'keys.json'), 'utf8')).toBe('{"version": 1}')
})
