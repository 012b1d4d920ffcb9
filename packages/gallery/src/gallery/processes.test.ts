import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Lock } from '@arcface/files'
import { face } from '@arcface/testing'
import { Random } from '@arcface/vision'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testModel } from '../testing/model.js'
import { type Gallery, openGallery } from './gallery.js'

const DIM = 64
const model = testModel(DIM)
const program = (name: string) =>
  fileURLToPath(new URL(`../../dist/testing/${name}.js`, import.meta.url))
const writer = program('gallery-writer')
const rekeyer = program('gallery-rekeyer')

let folder: string
let count = 0
const fresh = () => join(folder, `gallery-${++count}`)

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gallery-processes-'))
  file = join(folder, 'key')
  writeFileSync(file, randomBytes(32))
})
afterAll(() => rmSync(folder, { recursive: true }))

interface Running {
  child: ChildProcess
  /** What it has said to be safe, by now. */
  safe(): string[]
  ended: Promise<number | null>
}

/** Of an encrypted gallery. */
let file: string
const keyOf = (kind: string) => (kind === 'encrypted' ? { file } : undefined)

function write(path: string, tag: string, faces: number, batch: number, kind = 'plain'): Running {
  const given = [path, tag, `${faces}`, `${batch}`, `${DIM}`, ...(keyOf(kind) ? [file] : [])]
  return run(writer, given)
}

function run(program: string, given: readonly string[]): Running {
  const child = spawn(process.execPath, [program, ...given], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.on('data', (chunk) => {
    text += chunk
  })
  const ended = new Promise<number | null>((done) => child.on('close', (code) => done(code)))
  const whole = () => text.slice(0, text.lastIndexOf('\n') + 1)
  return { child, safe: () => whole().split(/\s+/).filter(Boolean), ended }
}

async function sourcesOf(path: string, key: { file: string } | undefined): Promise<Set<string>> {
  const gallery = await openGallery(path, { key })
  const sources = await gallery.sources()
  await gallery.close()
  return sources
}

describe('a writer that is killed', () => {
  it.each([
    ['plain', 20],
    ['encrypted', 6],
  ])(
    'loses nothing that it acknowledged, and its work is finished by the same call: %s',
    async (kind, kills) => {
      const path = fresh()
      const key = keyOf(kind)
      const total = 6000
      let acknowledged = 0
      // So many commits before each kill, few of them first.
      for (const commits of Array.from({ length: kills }, (_, i) => 1 + ((7 * i) % 23))) {
        const running = write(path, 'face', total, 10, kind)
        await new Promise<void>((done) => {
          running.child.stdout!.on('data', () => {
            if (running.safe().length >= commits * 10) done()
          })
        })
        running.child.kill('SIGKILL')
        await running.ended
        const there = await sourcesOf(path, key)
        acknowledged += running.safe().length
        for (const source of running.safe()) expect(there.has(source)).toBe(true)
        expect(there.size).toBeGreaterThanOrEqual(acknowledged)
      }
      expect(await write(path, 'face', total, 500, kind).ended).toBe(0)
      const gallery = await openGallery(path, { model, key })
      expect(await gallery.stats()).toMatchObject({ people: 50, faces: total })
      expect((await gallery.sources()).size).toBe(total)
      for (const i of [0, 999, 5999])
        expect((await gallery.identify(face(DIM, i))).matches[0]?.source).toBe(`face-${i}`)
      await gallery.close()
    },
  )
})

describe('a change of keys that is killed', () => {
  it('leaves all of the gallery, under the one key or the other', async () => {
    const path = fresh()
    const files = [file, join(folder, 'key-2')] as const
    writeFileSync(files[1], randomBytes(32))
    const people = Array.from({ length: 3000 }, (_, i) => ({
      person: `person ${i}`,
      embedding: face(DIM, i),
      source: `${i}`,
    }))
    const gallery = await openGallery(path, { model, key: { file } })
    await gallery.enroll(people)
    await gallery.delete(['person 7'])
    await gallery.close()
    const random = new Random(7)
    let [last, changes] = [0, 0]
    for (let kill = 0; kill < 20; kill++) {
      const begun = [files[last]!, files[1 - last]!]
      const running = run(rekeyer, [path, ...begun])
      await new Promise<void>((done) => running.child.stdout!.once('data', () => done()))
      await sleep(random.float() * 200)
      running.child.kill('SIGKILL')
      await running.ended
      changes += running.safe().length
      const opened = await Promise.all(
        files.map((one) =>
          openGallery(path, { key: { file: one } }).catch((error: Error) => error),
        ),
      )
      last = opened.findIndex((one) => !(one instanceof Error))
      const now = opened[last] as Gallery
      expect(opened[1 - last]).toMatchObject({ code: 'GALLERY_KEY' })
      expect(await now.stats()).toMatchObject({ people: 2999, faces: 2999 })
      expect((await now.sources()).size).toBe(2999)
      const found = await now.identifyMany([7, 100 + kill].map((i) => face(DIM, i)))
      const names = found.map(({ matches }) => matches[0]?.name)
      expect(names).toEqual([expect.not.stringMatching(/^person 7$/), `person ${100 + kill}`])
      await now.close()
    }
    expect(changes).toBeGreaterThan(20)
  })
})

describe('several processes', () => {
  it.each(['plain', 'encrypted'])(
    'write in turns, and who reads meanwhile sees whole commits, also while people are deleted: %s',
    async (kind) => {
      const path = fresh()
      const key = keyOf(kind)
      const gallery = await openGallery(path, { model, key })
      const probe = face(DIM, 100_000)
      await gallery.enroll([{ person: 'here to stay', embedding: probe, source: 'x' }])
      const writers = ['a', 'b', 'c'].map((tag) => write(path, tag, 400, 20, kind))
      const ended = Promise.all(writers.map((one) => one.ended))
      let over = false
      ended.then(() => {
        over = true
      })
      let reads = 0
      while (!over) {
        const { matches } = await gallery.identify(probe, { top: 2 })
        expect(matches[0]?.name).toBe('here to stay')
        expect(((await gallery.stats()).faces - 1) % 20).toBe(0)
        if (++reads % 20 === 0) await gallery.purge()
      }
      expect(await ended).toEqual([0, 0, 0])
      expect(await gallery.stats()).toMatchObject({ people: 151, faces: 1201 })
      const second = await openGallery(path, { key })
      const names = (await gallery.people())
        .map(({ name }) => name)
        .filter((name) => /^[ab] /.test(name))
      await gallery.delete(names)
      expect(await second.stats()).toMatchObject({ people: 51, faces: 401 })
      expect((await second.identify(probe)).matches[0]?.name).toBe('here to stay')
      await second.close()
      await gallery.close()
    },
  )

  it('wait for a writer that lives, and for nothing else that lies there', async () => {
    const path = fresh()
    const gallery = await openGallery(path, { model, waitMs: 100 })
    const enroll = () => gallery.enroll([{ person: 'a', embedding: face(DIM, 1) }])
    const lock = join(path, 'writer.lock')
    const held = await Lock.take(lock, { what: 'it' })
    await expect(enroll()).rejects.toMatchObject({
      code: 'GALLERY_LOCKED',
      message: expect.stringContaining(`process ${process.pid}`),
    })
    expect((await gallery.stats()).faces).toBe(0)
    held.release()
    writeFileSync(lock, JSON.stringify({ pid: process.pid, host: hostname(), key: 'k' }))
    await enroll()
    expect((await gallery.stats()).faces).toBe(1)
    await gallery.close()
  })
})

const mayMount = (() => {
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], {
      stdio: 'ignore',
    })
    return true
  } catch {
    return false
  }
})()

describe.skipIf(!mayMount)('a full disk (needs the right to mount)', () => {
  it('is an error with a code; what was acknowledged is there, and the rest goes in once there is room', () => {
    const mount = fresh()
    mkdirSync(mount)
    const run = `mount -t tmpfs -o size=2m tmpfs ${mount}
      node ${writer} ${mount}/g face 20000 200 ${DIM} > ${folder}/safe 2> ${folder}/error; echo $? > ${folder}/code
      mount -o remount,size=64m ${mount} && node ${writer} ${mount}/g face 20000 5000 ${DIM} >> ${folder}/rest
      cat ${folder}/safe ${folder}/rest | wc -w; cat ${folder}/error; cat ${folder}/code`
    const text = execFileSync('unshare', ['--mount', 'sh', '-c', run], { encoding: 'utf8' })
    expect(text).toContain('GALLERY_DISK_FULL')
    const lines = text.trim().split('\n')
    expect(lines.at(-1)).toBe('1')
    // Of the commit that failed nothing is there: each face was acknowledged exactly once.
    expect(Number(lines[0])).toBe(20_000)
  })

  it('deletes all the same: embeddings and pictures are overwritten, other faces stay as they were', () => {
    const mount = fresh()
    mkdirSync(mount)
    const of = (file: string) => new URL(`../../${file}`, import.meta.url).href
    const program = `
      import { readdirSync, readFileSync, statfsSync, writeFileSync, rmSync } from 'node:fs'
      import { openGallery } from '${of('dist/index.js')}'
      import { face } from '${of('../testing/dist/index.js')}'
      const gallery = await openGallery('${mount}/g', { model: ${JSON.stringify(model)} })
      const thumbnail = (i) => new Uint8Array(face(75, 5000 + i).buffer)
      for (let i = 0; i < 10; i++)
        await gallery.enroll(Array.from({ length: 100 }, (_, k) => 100 * i + k).map((n) =>
          ({ person: 'p' + (n % 50) + '!', embedding: face(${DIM}, n), thumbnail: thumbnail(n) })))
      await gallery.enroll([{ person: 'twin', embedding: face(${DIM}, 1) }])
      await gallery.tidy()
      let fill = 0
      const full = (size) => { try { for (;;) writeFileSync('${mount}/fill' + fill++, Buffer.alloc(size)) } catch {} }
      full(65536), full(4096), full(1)
      const { bfree } = statfsSync('${mount}')
      const files = () => readdirSync('${mount}/g', { recursive: true, withFileTypes: true }).filter((one) => one.isFile())
        .map((one) => readFileSync(one.parentPath + '/' + one.name))
      const holds = (bytes) => files().some((file) => file.includes(Buffer.from(bytes.buffer)))
      const found = async (n) => (await gallery.identify(face(${DIM}, n), { threshold: 0.99 })).matches[0]?.name
      const say = (key, value) => console.log(JSON.stringify([key, value]))
      say('free', bfree)
      say('before', [holds(face(${DIM}, 3)), holds(thumbnail(53)), await found(3)])
      await gallery.delete(['p3!']).then(() => say('deleted', 'p3!'), ({ code }) => say('deleted', code))
      const own = Array.from({ length: 20 }, (_, i) => 3 + 50 * i)
      say('left', own.filter((n) => holds(face(${DIM}, n)) || holds(thumbnail(n))))
      say('found', [await found(3), await found(4), await found(999)])
      // p1's first face is the twin's too, which must stay.
      await gallery.delete(['p1!']).then(() => say('shared', 'p1!'), ({ code, message }) => say('shared', [code, /the bytes of 1 face/.test(message)]))
      say('twin', [await found(1), await found(51)])
      // What a deletion has left of the room is the next one's, and not another's.
      full(4096), full(1)
      await gallery.delete(['p5!']).then(() => say('again', 'p5!'), ({ message }) => say('again', message))
      say('after', [await found(5), await found(6)])
      for (let i = 0; i < fill; i++) rmSync('${mount}/fill' + i, { force: true })
      await gallery.purge()
      say('purged', [await found(4), (await gallery.stats()).faces, files().some((file) => file.includes('p3!'))])
      await gallery.close()`
    const run = `mount -t tmpfs -o size=4m tmpfs ${mount} && exec ${process.execPath} --input-type=module`
    const text = execFileSync('unshare', ['--mount', 'sh', '-c', run], {
      encoding: 'utf8',
      input: program,
    })
    const said = Object.fromEntries(
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    )
    expect(said).toEqual({
      free: 0,
      before: [true, true, 'p3!'],
      deleted: 'p3!',
      left: [],
      found: [null, 'p4!', 'p49!'],
      shared: ['GALLERY_DISK_FULL', true],
      twin: ['twin', null],
      again: 'p5!',
      after: [null, 'p6!'],
      purged: ['p4!', 941, false],
    })
  })

  it('that an export fills is an error that names the file, of which nothing stays', () => {
    const mount = fresh()
    mkdirSync(mount)
    const path = fresh()
    const room = fileURLToPath(new URL('../../dist/index.js', import.meta.url))
    for (const ending of ['jsonl', 'parquet']) {
      const file = `${mount}/out.${ending}`
      const program = `
        import { exportGallery, openGallery } from '${room}'
        const gallery = await openGallery('${path}')
        await exportGallery(gallery, '${file}').catch(({ code, message }) => console.log(code, message))
        console.log((await gallery.stats()).faces)
        await gallery.close()`
      const run = `mount -t tmpfs -o size=1m tmpfs ${mount}
        node ${writer} ${path} face 10000 5000 ${DIM} > /dev/null && node --input-type=module -e "${program}"; ls -A ${mount}`
      const text = execFileSync('unshare', ['--mount', 'sh', '-c', run], { encoding: 'utf8' })
      expect(text).toMatch(/^GALLERY_EXPORT .*ENOSPC/)
      expect(text).toContain(`${file} cannot be written`)
      expect(text.trim().split('\n').slice(1)).toEqual(['10000'])
    }
  })
})
