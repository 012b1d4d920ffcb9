import { mkdirSync, mkdtempSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { expect, it } from 'vitest'
import { liesWithin } from './within.js'

it('tells what lies in a folder, also behind a link and what is not there yet', () => {
  const room = mkdtempSync(join(tmpdir(), 'within-'))
  const at = (...names: string[]) => join(room, ...names)
  mkdirSync(at('photos'))
  symlinkSync(at('photos'), at('link'))
  const inside = [at('photos'), at('photos', 'Ada'), at('photos', '..faces'), at('link', 'a', 'b')]
  for (const path of inside) expect(liesWithin(path, at('photos'))).toBe(true)
  expect(liesWithin(relative(process.cwd(), at('photos', 'Ada')), at('link'))).toBe(true)
  for (const path of [room, at('photos2'), at('faces'), at('photos', '..', 'faces')])
    expect(liesWithin(path, at('photos'))).toBe(false)
})
