import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { OutputFile, writeWhole } from './write.js'

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
  for (const name of names) writeWhole(join(folder, name), Buffer.from('text'))
  writeWhole(join(folder, 'by'), 'text', { isPrivate: true, flushed: false })
  expect(readdirSync(folder).sort()).toEqual([...names, 'by'].sort())
  for (const name of readdirSync(folder))
    expect(readFileSync(join(folder, name), 'utf8')).toBe('text')
  expect(statSync(join(folder, 'by')).mode & 0o777).toBe(0o600)
  {
    using file = new OutputFile(join(folder, 'by'))
    file.write('something else')
  }
  expect(readFileSync(join(folder, 'by'), 'utf8')).toBe('text')
  expect(readdirSync(folder)).toHaveLength(4)
})

it('is written in any order, and beside other work', async () => {
  const path = join(fresh(), 'file')
  const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => i)
  using file = new OutputFile(path, { isPrivate: true })
  file.write('head')
  // More pieces than one call to the system takes (1024 on Linux), some of them empty.
  const parts = Array.from({ length: 3000 }, (_, i) => bytes.subarray(i * 100, i * 100 + 100))
  await file.writeAsync([new Uint8Array(), ...parts, new Uint8Array()])
  await file.writeAsync([Buffer.from('EA')], 1)
  file.write('late', 300_010)
  expect(file.position).toBe(300_014)
  expect(readdirSync(join(path, '..'))).not.toContain('file')
  await file.commitAsync()
  const hole = Buffer.alloc(6)
  const wanted = [Buffer.from('hEAd'), bytes, hole, Buffer.from('late')]
  expect(readFileSync(path).equals(Buffer.concat(wanted))).toBe(true)
  expect(statSync(path).mode & 0o777).toBe(0o600)
})

it('takes the place of a file only', async () => {
  const folder = fresh()
  const pipe = join(folder, 'pipe')
  expect(spawnSync('mkfifo', [pipe]).status).toBe(0)
  symlinkSync(pipe, join(folder, 'link'))
  for (const path of ['/dev/null', pipe, join(folder, 'link')])
    expect(() => writeWhole(path, 'text')).toThrow(
      expect.objectContaining({
        code: 'FILES_WRITE',
        message: expect.stringMatching(
          `^${path} cannot be written: it is a (device|named pipe)\\.$`,
        ),
      }),
    )
  expect(statSync('/dev/null').isCharacterDevice()).toBe(true)
  expect(readdirSync(folder).sort()).toEqual(['link', 'pipe'])
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
    const beside = async () => {
      using file = new OutputFile(path)
      await file.writeAsync([Buffer.from('text')])
      await file.commitAsync()
    }
    await expect(beside()).rejects.toThrow(error)
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
    it.each([
      ['ro', 'FILES_WRITE .*file cannot be written: EROFS: [^,]*\\.'],
      [
        'size=4k',
        'FILES_DISK_FULL .*file cannot be written: the disk is full \\(ENOSPC: [^,]*\\)\\.',
      ],
      [
        'nr_inodes=1',
        'FILES_DISK_FULL .*file cannot be written: the disk is full \\(ENOSPC: [^,]*\\)\\.',
      ],
    ])('%s: is an error with a code, of which nothing stays', async (option, wanted) => {
      const folder = fresh()
      const child = node(
        `import { readdirSync } from 'node:fs'
      import { OutputFile, writeWhole } from ${JSON.stringify(module)}
      const path = ${JSON.stringify(join(folder, 'file'))}
      const beside = async () => {
        const file = new OutputFile(path)
        try { await file.writeAsync([Buffer.alloc(1e6)]); await file.commitAsync() }
        finally { file[Symbol.dispose]() }
      }
      for (const work of [async () => writeWhole(path, Buffer.alloc(1e6)), beside])
        await work().catch(({ code, message }) =>
          console.log(code, message, readdirSync(${JSON.stringify(folder)}).length))`,
        ...mount(`-t tmpfs -o ${option} tmpfs ${folder}`),
      )
      let said = ''
      child.stdout.on('data', (text) => {
        said += text
      })
      await once(child, 'close')
      expect(said).toMatch(new RegExp(`^(${wanted} 0\n){2}$`))
    })
  },
)
