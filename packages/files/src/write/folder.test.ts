import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { makeFolder } from './folder.js'

const root = mkdtempSync(join(tmpdir(), 'folder-'))

it('makes what is missing, and minds nothing that is there', () => {
  const path = join(root, 'a', 'b', 'c')
  for (const _ of [1, 2]) makeFolder(path)
  expect(statSync(path).isDirectory()).toBe(true)
})

it('says what stands in the way, also where no folder can ever be made', () => {
  const file = join(root, 'file')
  writeFileSync(file, '')
  const closed = join(root, 'closed')
  makeFolder(closed)
  chmodSync(closed, 0o500)
  const ways = [file, join(file, 'x'), '/proc/none/below', '/proc/self/none/below']
  for (const path of process.getuid?.() === 0 ? ways : [...ways, join(closed, 'x')])
    expect(() => makeFolder(path)).toThrow(
      expect.objectContaining({ code: 'FILES_WRITE', message: expect.stringContaining(path) }),
    )
  rmSync(root, { recursive: true })
})
