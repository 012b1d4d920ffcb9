import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'

const bin = fileURLToPath(new URL('../../bin/arcface.js', import.meta.url))
const room = mkdtempSync(join(tmpdir(), 'audit-leaks-'))
afterAll(() => rmSync(room, { recursive: true }))

const audit = (...args: string[]) =>
  spawnSync(process.execPath, [bin, 'audit', 'leaks', ...args], { encoding: 'utf8' })

it('arcface audit leaks says what to do, and ends with 1 where there is something', () => {
  writeFileSync(join(room, 'notes.txt'), 'trained well\n')
  const clean = audit(room)
  expect([clean.status, clean.stdout]).toEqual([0, '1 file looked through: nothing found\n'])
  writeFileSync(join(room, 'config.yaml'), 'output: /home/ada/runs/first\n')
  const { status, stdout } = audit(room)
  expect(status).toBe(1)
  expect(stdout).toMatch(
    /^2 files looked through: 1 finding\n\nPaths of the machine.*What to do: .*\n {2}config.yaml {2}1 absolute path, as \/home\/ada\/runs\/first\n$/,
  )
  const told = JSON.parse(audit(room, '--json').stdout) as { leaks: object[] }
  expect(told.leaks).toMatchObject([{ kind: 'path', file: 'config.yaml' }])
  expect(audit(join(room, 'nowhere')).stderr).toMatch(/^error FILES_READ: /)
})
