import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { removeLeft, TemporaryFile } from './upload.js'

it('takes away what a killed server left a day ago, and nothing that may be in use', () => {
  const folder = mkdtempSync(join(tmpdir(), 'temporary-'))
  try {
    const days = (path: string, ago: number) => {
      writeFileSync(path, 'photographs')
      const time = Date.now() / 1000 - ago * 86_400
      utimesSync(path, time, time)
    }
    days(join(folder, 'left.zip'), 1.1)
    days(join(folder, "another's.zip"), 0.9)
    using waiting = new TemporaryFile(folder, '.zip')
    days(waiting.path, 3)
    removeLeft(folder)
    expect(readdirSync(folder).map((name) => join(folder, name))).toEqual(
      [join(folder, "another's.zip"), waiting.path].sort(),
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
})
