import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { OutputFile, writeWhole, writeWholeBy } from './write.js'

const root = mkdtempSync(join(tmpdir(), 'write-'))
let count = 0
const fresh = () => {
  const folder = join(root, `${++count}`)
  mkdirSync(folder)
  return folder
}
afterAll(() => rmSync(root, { recursive: true }))

const module = pathToFileURL(join(import.meta.dirname, '../../dist/write/write.js')).href
const node = (program: string, ...before: string[]) => {
  const command = [...before, process.execPath, '--input-type=module', '-e', program]
  return spawn(command[0]!, command.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] })
}

/** Half a file, in a process that is killed over it. */
async function leaveHalf(folder: string): Promise<void> {
  const child = node(
    `import { OutputFile } from ${JSON.stringify(module)}
    new OutputFile(${JSON.stringify(join(folder, 'half'))}).write('half')
    console.log('written')
    setInterval(() => {}, 1e9)`,
  )
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'close')
}

it('is whole or not there, whatever its name', async () => {
  const folder = fresh()
  const names = ['n'.repeat(255), 'é'.repeat(127), 'a b\nc']
  for (const name of names) writeWhole(join(folder, name), 'te', Buffer.from('xt'))
  await writeWholeBy(join(folder, 'by'), { isPrivate: true }, (path) => writeFile(path, 'text'))
  expect(readdirSync(folder).sort()).toEqual([...names, 'by'].sort())
  for (const name of readdirSync(folder))
    expect(readFileSync(join(folder, name), 'utf8')).toBe('text')
  expect(statSync(join(folder, 'by')).mode & 0o777).toBe(0o600)
  {
    using file = new OutputFile(join(folder, 'by'))
    file.write('something else')
  }
  const failing = writeWholeBy(join(folder, 'by'), {}, async (path) => {
    await writeFile(path, 'something else')
    throw new Error('mine')
  })
  await expect(failing).rejects.toThrow(/^mine$/)
  expect(readFileSync(join(folder, 'by'), 'utf8')).toBe('text')
  expect(readdirSync(folder)).toHaveLength(4)
})

it('names the file that cannot be written, and not the temporary one', async () => {
  const folder = fresh()
  mkdirSync(join(folder, 'folder'))
  writeFileSync(join(folder, 'folder', 'file'), '')
  const paths = [
    join(folder, 'none', 'file'),
    join(folder, 'folder'),
    join(folder, 'n'.repeat(256)),
  ]
  for (const path of paths) {
    const error = expect.objectContaining({
      code: 'FILES_WRITE',
      message: expect.stringMatching(/^[^,]* cannot be written: E[A-Z]+: [^,]*\.$/),
    })
    expect(() => writeWhole(path, 'text')).toThrow(error)
    await expect(writeWholeBy(path, {}, (one) => writeFile(one, 'text'))).rejects.toThrow(error)
  }
  expect(readdirSync(folder)).toEqual(['folder'])
})

it('clears what a killed process left there, and nothing of who is at work', async () => {
  const folder = fresh()
  await leaveHalf(folder)
  const [left] = readdirSync(folder) as [string]
  expect(left).toMatch(/^\..*\.tmp$/)
  const foreign = '.another_00000000_1_1_1_0_0123456789abcdef.tmp'
  for (const name of [foreign, 'mine.tmp', '.mine.tmp']) writeFileSync(join(folder, name), '')
  // This thread has looked into the folder only if it has written there.
  using other = new OutputFile(join(folder, 'other'))
  other.write('text')
  const child = node(`
    import { writeWhole } from ${JSON.stringify(module)}
    writeWhole(${JSON.stringify(join(folder, 'whole'))}, 'text')`)
  expect((await once(child, 'close'))[0]).toBe(0)
  const own = expect.stringMatching(new RegExp(`^\\..*_${process.pid}_.*\\.tmp$`))
  expect(new Set(readdirSync(folder))).toEqual(
    new Set([foreign, 'mine.tmp', '.mine.tmp', 'whole', own]),
  )
  other.commit()
  // Of another machine nobody knows: a day later it is not at work any more.
  utimesSync(join(folder, foreign), 1e9, 1e9)
  await once(
    node(`
    import { writeWhole } from ${JSON.stringify(module)}
    writeWhole(${JSON.stringify(join(folder, 'whole'))}, 'text')`),
    'close',
  )
  expect(readdirSync(folder).sort()).toEqual(['.mine.tmp', 'mine.tmp', 'other', 'whole'])
})

const mount = (type: string) => [
  'unshare',
  '--mount',
  'sh',
  '-c',
  `mount ${type} && exec "$@"`,
  'sh',
]
const mayMount = (type: string) => {
  const [command, ...args] = [...mount(type), 'true']
  return spawnSync(command!, args).status === 0
}

describe.skipIf(!mayMount('-t tmpfs tmpfs /mnt'))(
  'a disk that takes nothing (needs the right to mount)',
  () => {
    it.each(['ro', 'size=4k'])(
      '%s: is an error with a code, of which nothing stays',
      async (option) => {
        const folder = fresh()
        const child = node(
          `import { readdirSync } from 'node:fs'
      import { writeWhole } from ${JSON.stringify(module)}
      try { writeWhole(${JSON.stringify(join(folder, 'file'))}, Buffer.alloc(1e6)) }
      catch ({ code, message }) { console.log(code, message, readdirSync(${JSON.stringify(folder)}).length) }`,
          ...mount(`-t tmpfs -o ${option} tmpfs ${folder}`),
        )
        let said = ''
        child.stdout.on('data', (text) => {
          said += text
        })
        await once(child, 'close')
        expect(said).toMatch(/^FILES_WRITE .*file cannot be written: (EROFS|ENOSPC): [^,]*\. 0\n$/)
      },
    )
  },
)
