import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Lock } from './lock.js'

const compiled = join(import.meta.dirname, '../../dist')
let folder: string
/** By kind of lock, a program: `node PROGRAM LOCK ROUNDS` enters so many times, `node PROGRAM LOCK` once and stays. */
const programs = { kernel: '', card: '' }
let count = 0
const fresh = () => {
  const path = join(folder, `${++count}`)
  mkdirSync(path)
  return join(path, 'lock')
}
const take = (path: string, waitMs?: number) => Lock.take(path, { what: 'the folder', waitMs })
const beside = (path: string) => readdirSync(join(path, '..')).sort()

const program = (room: string) => `
  import { closeSync, openSync, rmSync } from 'node:fs'
  import { Lock } from ${JSON.stringify(`file://${room}/lock/lock.js`)}
  const [path, rounds] = process.argv.slice(2)
  for (let i = 0; i < (rounds ?? 1); i++) {
    const lock = await Lock.take(path, { what: 'the folder', waitMs: rounds === undefined ? 0 : 1e9 })
      .catch(({ code, message }) => { console.log(code, message); process.exit(1) })
    closeSync(openSync(path + '-inside', 'wx')) // fails where somebody else is
    console.log('in')
    if (rounds === undefined) await new Promise((done) => setTimeout(done, 1e9))
    await new Promise((done) => setTimeout(done, i % 4))
    rmSync(path + '-inside')
    lock.release()
    await new Promise((done) => setTimeout(done, i % 3))
  }`

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'))
  // Where the kernel's lock cannot be had: a copy that finds no package.
  const bare = join(folder, 'bare')
  mkdirSync(bare)
  for (const name of ['lock', 'write'])
    cpSync(join(compiled, name), join(bare, name), { recursive: true })
  cpSync(join(compiled, 'errors.js'), join(bare, 'errors.js'))
  writeFileSync(join(bare, 'package.json'), '{"type":"module"}')
  for (const [kind, room] of [['kernel', compiled] as const, ['card', bare] as const]) {
    programs[kind] = join(folder, `${kind}.mjs`)
    writeFileSync(programs[kind], program(room))
  }
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Enters and stays until it is killed. */
async function holder(kind: keyof typeof programs, path: string, ...under: string[]) {
  const command = [...under, process.execPath, programs[kind], path]
  const child = spawn(command[0]!, command.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] })
  const [said] = (await once(child.stdout, 'data')) as [Buffer]
  expect(String(said)).toBe('in\n')
  return child
}

const kill = async (child: ChildProcess) => {
  const closed = once(child, 'close')
  child.kill('SIGKILL')
  await closed
}

it('is held once in a process too, and leaves an empty file', async () => {
  const path = fresh()
  const lock = await take(path)
  await expect(take(path)).rejects.toMatchObject({
    code: 'FILES_LOCKED',
    message: expect.stringMatching(new RegExp(`^the folder is in use: process ${process.pid} on `)),
  })
  const next = Lock.take(path, { what: 'the folder', waitMs: 1e9 }).then((lock) => {
    using _ = lock
    return beside(path).length
  })
  lock.release()
  lock.release()
  expect(await next).toBe(2)
  expect(beside(path)).toEqual(['lock'])
  expect(readFileSync(path, 'utf8')).toBe('')
  ;(await take(path)).release()
})

it('has a name as long as a name can be', async () => {
  const path = join(fresh(), '..', 'n'.repeat(255))
  const lock = await take(path)
  await expect(take(path)).rejects.toMatchObject({ code: 'FILES_LOCKED' })
  lock.release()
  rmSync(path)
})

it('ends waiting by a signal', async () => {
  const path = fresh()
  using _ = await take(path)
  const controller = new AbortController()
  const waiting = Lock.take(path, { what: 'x', waitMs: 1e9, signal: controller.signal })
  controller.abort(new Error('enough'))
  await expect(waiting).rejects.toThrow(/enough|abort/)
})

it('names a folder where nothing can be written', async () => {
  const path = join(folder, 'none', 'lock')
  await expect(take(path)).rejects.toMatchObject({
    code: 'FILES_WRITE',
    message: expect.stringContaining(path),
  })
})

const kinds = [
  ['kernel', 'kernel'] as const,
  ['card', 'card'] as const,
  ['kernel', 'card'] as const,
]
it.each(kinds)('has one holder at a time among processes of kinds %s and %s', async (a, b) => {
  const path = fresh()
  const rounds = 40
  const children = [a, b, a, b].map((kind) =>
    spawn(process.execPath, [programs[kind], path, `${rounds}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  )
  let said = ''
  const codes = await Promise.all(
    children.map(async (child) => {
      child.stdout.on('data', (text) => {
        said += text
      })
      return (await once(child, 'close'))[0]
    }),
  )
  expect(codes).toEqual([0, 0, 0, 0])
  expect(said).toBe('in\n'.repeat(4 * rounds))
  expect(beside(path)).toEqual(['lock'])
})

describe.each(['kernel', 'card'] as const)('of the kind %s', (kind) => {
  it('of a holder that lives is not taken, of one that was killed it is', async () => {
    const path = fresh()
    const child = await holder(kind, path)
    const inode = kind === 'kernel' ? statSync(path).ino : 0
    expect(beside(path).join()).toContain(`_${child.pid}_${startOf(child.pid!)}_${inode}_`)
    await expect(take(path)).rejects.toMatchObject({
      code: 'FILES_LOCKED',
      message: expect.stringContaining(`process ${child.pid} on `),
    })
    await kill(child)
    ;(await take(path)).release()
    expect(beside(path)).toEqual(['lock', 'lock-inside'])
  })

  it('outlives the removal of its file, and does not disturb who comes then', async () => {
    const path = fresh()
    const child = await holder(kind, path)
    rmSync(path)
    await expect(take(path)).rejects.toMatchObject({ code: 'FILES_LOCKED' })
    await kill(child)
    const lock = await take(path)
    const cards = beside(path)
    expect(cards).toHaveLength(3)
    // Somebody removes the card as well, so that two hold it: each takes away what is its own.
    rmSync(path)
    for (const name of cards.slice(1)) rmSync(join(path, '..', name))
    const second = await take(path)
    lock.release()
    await expect(take(path)).rejects.toMatchObject({ code: 'FILES_LOCKED' })
    second.release()
    expect(beside(path)).toEqual(['lock'])
  })
})

it('takes no heed of what stands in its file', async () => {
  for (const text of ['', '{"pid":1,', JSON.stringify({ pid: process.pid, host: 'h', key: 'k' })]) {
    const path = fresh()
    writeFileSync(path, text)
    ;(await take(path)).release()
  }
})

it('believes a card of another machine as long as it is touched, and one of a neighbour as long as it runs', async () => {
  const path = fresh()
  const lock = await take(path)
  const [, own] = beside(path) as [string, string]
  lock.release()
  const put = (change: (fields: string[]) => void) => {
    const fields = own.slice('lock.'.length).split('_')
    change(fields)
    const card = `${path}.${fields.join('_')}`
    writeFileSync(card, '')
    return card
  }
  const other = put((fields) => {
    fields[1] = '00000000'
  })
  await expect(take(path)).rejects.toMatchObject({ code: 'FILES_LOCKED' })
  const past = Date.now() / 1000 - 90
  utimesSync(other, past, past)
  ;(await take(path)).release()
  expect(existsSync(other)).toBe(false)
  // The pid of a process that began at another time, and a process that this one can see.
  for (const [start, free] of [
    ['1', true],
    [startOf(process.ppid), false],
  ] as const) {
    const card = put((fields) => {
      fields[3] = `${process.ppid}`
      fields[4] = start
      fields[5] = '0'
    })
    if (free) (await take(path)).release()
    else await expect(take(path)).rejects.toMatchObject({ code: 'FILES_LOCKED' })
    rmSync(card, { force: true })
  }
})

const startOf = (pid: number) =>
  readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')[19]!

const namespace = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc']
const mayUnshare = spawnSync(namespace[0]!, [...namespace.slice(1), 'true']).status === 0

describe.skipIf(!mayUnshare)('containers, as pid namespaces (needs the right to make them)', () => {
  it.each(['kernel', 'card'] as const)('exclude each other, kind %s', async (kind) => {
    const path = fresh()
    const child = await holder(kind, path, ...namespace)
    const second = spawnSync(
      namespace[0]!,
      [...namespace.slice(1), process.execPath, programs[kind], path],
      { encoding: 'utf8' },
    )
    expect(second.stdout).toMatch(/^FILES_LOCKED the folder is in use: process 1 on /)
    await kill(child)
  })

  it('started anew take over from the one that had the same pid', async () => {
    const path = fresh()
    await kill(await holder('kernel', path, ...namespace))
    rmSync(`${path}-inside`)
    await kill(await holder('kernel', path, ...namespace))
    // Without the kernel's lock nobody outside can ask: it ends when its card is touched no more.
    const other = fresh()
    await kill(await holder('card', other, ...namespace))
    rmSync(`${other}-inside`)
    expect(() =>
      execFileSync(namespace[0]!, [...namespace.slice(1), process.execPath, programs.card, other]),
    ).toThrow()
    const [card] = beside(other).filter((name) => name !== 'lock')
    const past = Date.now() / 1000 - 90
    utimesSync(join(other, '..', card!), past, past)
    await kill(await holder('card', other, ...namespace))
  })
})
