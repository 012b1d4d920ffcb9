import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import sharp from 'sharp'
import { expect, it } from 'vitest'

/** What a process of its own prints, which begins with settings that neither sharp nor this room would choose. */
function settingsAlong(program: string): unknown {
  const room = pathToFileURL(join(import.meta.dirname, '../../dist/index.js')).href
  const text = `
    import sharp from ${JSON.stringify(import.meta.resolve('sharp'))}
    const { memory, files, items } = sharp.cache({ memory: 77, files: 5, items: 33 })
    sharp.concurrency(3)
    const settings = []
    const note = () => {
      const { memory, files, items } = sharp.cache()
      settings.push([sharp.concurrency(), memory.max, files.max, items.max])
    }
    const data = await import(${JSON.stringify(room)})
    note()
    ${program}
    console.log(JSON.stringify(settings))`
  const given = ['--input-type=module', '-e', text]
  return JSON.parse(execFileSync(process.execPath, given, { encoding: 'utf8' }))
}

const OWN = [3, 77, 5, 33]
const ONE = [1, 0, 0, 0]

it('importing the room leaves the settings of sharp to the process', () => {
  expect(settingsAlong('')).toEqual([OWN])
})

it('loaders have one core an image and no cache until the last is closed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'one-core-'))
  try {
    const raw = { width: 112, height: 112, channels: 3 } as const
    for (const person of ['a', 'b']) {
      mkdirSync(join(folder, person))
      await sharp(new Uint8Array(112 * 112 * 3).fill(9), { raw }).toFile(
        join(folder, person, '1.png'),
      )
    }
    const found = settingsAlong(`
      const { samples } = data.openFolders([${JSON.stringify(folder)}])
      const open = () => new data.Loader({ samples, batchSize: 2, seed: 1 })
      const [first, second] = [open(), open()]
      for (const loader of [first, second]) for await (const batch of loader.epoch(0));
      note()
      await first.close()
      await first.close()
      note()
      await second.close()
      note()`)
    expect(found).toEqual([OWN, ONE, ONE, OWN])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
