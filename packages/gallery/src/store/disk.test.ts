import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { bytesIn, filesBelow } from './disk.js'

it('files below a folder are found, whatever goes away meanwhile', async () => {
  const root = mkdtempSync(join(tmpdir(), 'disk-'))
  try {
    const deep = join(root, 'a/b')
    mkdirSync(deep, { recursive: true })
    writeFileSync(join(root, '1'), 'x')
    writeFileSync(join(deep, '2'), 'yy')
    symlinkSync(deep, join(root, 'link'))
    expect((await filesBelow(root)).map(({ path, size }) => [path, size]).sort()).toEqual([
      [join(root, '1'), 1],
      [join(deep, '2'), 2],
    ])
    const looking = Array.from({ length: 50 }, () => bytesIn(root))
    rmSync(root, { recursive: true })
    for (const bytes of await Promise.all(looking)) expect([0, 1, 2, 3]).toContain(bytes)
    expect(await filesBelow(root)).toEqual([])
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
})
