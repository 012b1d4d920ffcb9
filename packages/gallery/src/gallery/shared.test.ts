import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { face } from '@arcface/testing'
import { type ObjectStore, startObjectStore } from '@arcface/testing/s3'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { holdsBytes } from '../testing/files.js'
import { testModel } from '../testing/model.js'
import { type Gallery, openGallery } from './gallery.js'
import { storeOf } from './reader.js'

const DIM = 16
const model = testModel(DIM)
const writer = fileURLToPath(new URL('../../dist/testing/gallery-writer.js', import.meta.url))

let store: ObjectStore
let count = 0
let path: string
beforeAll(async () => {
  store = await startObjectStore()
})
afterAll(() => store.close())
beforeEach(() => {
  path = `${store.bucket}/gallery-${++count}`
})

const open = () => openGallery(path, { model, storage: store.options })

/** A process that enrols, and what it has said to be safe by now. */
function write(tag: string, faces: number, batch: number) {
  const child: ChildProcess = spawn(
    process.execPath,
    [writer, path, tag, `${faces}`, `${batch}`, `${DIM}`],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...store.environment } },
  )
  let text = ''
  child.stdout!.on('data', (chunk) => {
    text += chunk
  })
  const ended = new Promise<number | null>((done) => child.on('close', (code) => done(code)))
  const safe = () =>
    text
      .slice(0, text.lastIndexOf('\n') + 1)
      .split(/\s+/)
      .filter(Boolean)
  const said = async (enough: number) => {
    while (safe().length < enough) await new Promise((done) => child.stdout!.once('data', done))
  }
  return { child, safe, said, ended }
}

/** What has to hold of every gallery, whoever has written. */
async function expectWhole(gallery: Gallery): Promise<void> {
  const { people, faces } = await storeOf(gallery).read(async (tables) => ({
    people: (await tables.people.query().toArray()) as Row[],
    faces: (await tables.faces.query().toArray()) as Row[],
  }))
  const owners = new Map(people.map((row) => [row.id, row]))
  expect(new Set(people.map(({ name }) => name)).size).toBe(people.length)
  for (const one of faces) {
    const owner = owners.get(one.person)
    expect(owner).toBeDefined()
    expect(Array.from(one.groups)).toEqual(Array.from(owner!.groups))
  }
  const prints = faces.map(({ person, print }) => `${person} ${print}`)
  expect(new Set(prints).size).toBe(prints.length)
}
interface Row {
  id: string
  name: string
  person: string
  print: string
  groups: Iterable<string>
}

describe('two processes over one gallery in object storage', () => {
  it('lose nothing that either has enrolled, and what one has said to be safe the other finds at once', async () => {
    const gallery = await open()
    const [a, b] = [write('a', 60, 5), write('b', 60, 5)]
    for (let enough = 20; enough <= 60; enough += 20) {
      await Promise.all([a.said(enough), b.said(enough)])
      const there = await gallery.sources()
      for (const source of [...a.safe(), ...b.safe()].slice(0, 2 * enough))
        expect(there.has(source)).toBe(true)
      const { matches } = await gallery.identify(face(DIM, enough - 1))
      expect(matches[0]?.similarity).toBeCloseTo(1, 5)
    }
    expect(await Promise.all([a.ended, b.ended])).toEqual([0, 0])
    expect(await gallery.count()).toEqual({ people: 100, faces: 120 })
    await expectWhole(gallery)
    await gallery.close()
  })

  it('that enrol the same have it once, with the people', async () => {
    const writers = ['same', 'same', 'same'].map((tag) => write(tag, 24, 3))
    expect(await Promise.all(writers.map((one) => one.ended))).toEqual([0, 0, 0])
    const gallery = await open()
    expect(await gallery.count()).toEqual({ people: 24, faces: 24 })
    await expectWhole(gallery)
    await gallery.close()
  })

  it('of which one is killed: what it has said to be safe is there, and the other goes on', async () => {
    const [dies, lives] = [write('dies', 5000, 5), write('lives', 60, 5)]
    await Promise.all([dies.said(20), lives.said(20)])
    dies.child.kill('SIGKILL')
    expect(await dies.ended).toBe(null)
    expect(await lives.ended).toBe(0)
    const gallery = await open()
    const there = await gallery.sources()
    for (const source of dies.safe()) expect(there.has(source)).toBe(true)
    expect([...there].filter((source) => source.startsWith('lives')).length).toBe(60)
    await expectWhole(gallery)
    const again = write('dies', dies.safe().length + 20, 5)
    expect(await again.ended).toBe(0)
    await expectWhole(gallery)
    await gallery.close()
  })
})

describe('changes at the same moment', () => {
  const ROUNDS = 4
  let one: Gallery
  let other: Gallery
  beforeEach(async () => {
    one = await open()
    other = await open()
    return () => Promise.all([one.close(), other.close()])
  })

  const enroll = (gallery: Gallery, person: string, seed: number) =>
    gallery.enroll([{ person, embedding: face(DIM, seed) }])
  /** What became of each: its code where it failed. */
  const both = async (...calls: Promise<unknown>[]) =>
    (await Promise.allSettled(calls)).map((call) =>
      call.status === 'fulfilled' ? 'done' : (call.reason as { code: string }).code,
    )

  it('making the gallery is one of them', async () => {
    path += '-new'
    const made = await Promise.all([open(), open(), open()])
    await Promise.all(made.map((gallery, i) => enroll(gallery, 'Ada', i)))
    expect(await made[0]!.people()).toMatchObject([{ name: 'Ada', faces: 3 }])
    await expectWhole(made[0]!)
    await Promise.all(made.map((gallery) => gallery.close()))
  })

  it('a face of somebody who is deleted makes that person anew, or is gone too', async () => {
    for (let i = 0; i < ROUNDS; i++) {
      await enroll(one, 'Ada', 1)
      expect(await both(enroll(one, 'Ada', 2), other.delete(['Ada']))).toEqual(['done', 'done'])
      await expectWhole(one)
      const { faces } = await one.count()
      expect(faces).toBeLessThanOrEqual(1)
      if (faces === 1) await one.delete(['Ada'])
    }
  })

  it('a face of somebody who is renamed or merged is lost by neither', async () => {
    for (let i = 0; i < ROUNDS; i++) {
      await enroll(one, 'Ada', 1)
      if (i % 2) await enroll(one, 'Grace', 3)
      const change = i % 2 ? other.merge('Ada', 'Grace') : other.rename('Ada', 'Grace')
      expect(await both(enroll(one, 'Ada', 2), change)).toEqual(['done', 'done'])
      await expectWhole(one)
      expect((await one.count()).faces).toBe(i % 2 ? 3 : 2)
      await one.delete((await one.people()).map(({ name }) => name))
    }
  })

  it('a name is given to one alone', async () => {
    await enroll(one, 'a', 1)
    await enroll(one, 'b', 2)
    for (let i = 0; i < ROUNDS; i++) {
      const [a, b] = (await one.people()).map(({ name }) => name)
      const results = await both(one.rename(a!, `x${i}`), other.rename(b!, `x${i}`))
      expect(results.sort()).toEqual(['GALLERY_PERSON_EXISTS', 'done'])
      expect(await one.count()).toEqual({ people: 2, faces: 2 })
      await expectWhole(one)
    }
  })

  it('two who are merged into each other keep their faces', async () => {
    for (let i = 0; i < ROUNDS; i++) {
      await enroll(one, 'a', 1)
      await enroll(one, 'b', 2)
      await both(one.merge('a', 'b'), other.merge('b', 'a'))
      expect((await one.count()).faces).toBe(2)
      await expectWhole(one)
      await one.delete((await one.people()).map(({ name }) => name))
    }
  })

  it('groups are those of the person, whoever gives them', async () => {
    await enroll(one, 'Ada', 0)
    for (let i = 1; i <= ROUNDS; i++) {
      const calls = both(
        enroll(one, 'Ada', i),
        one.describe('Ada', { groups: [`one ${i}`] }),
        other.describe('Ada', { groups: [`other ${i}`] }),
      )
      expect(await calls).toEqual(['done', 'done', 'done'])
      await expectWhole(one)
    }
  })

  it('faces that are moved to somebody who is deleted are not nobody’s', async () => {
    for (let i = 0; i < ROUNDS; i++) {
      const [id] = await enroll(one, 'Ada', 1)
      await enroll(one, 'Grace', 2)
      const [moved] = await both(one.moveFaces([id!], 'Grace'), other.delete(['Grace']))
      await expectWhole(one)
      // Moved before, it is gone with her; else it is where it was.
      expect((await one.count()).faces).toBe(moved === 'done' ? 0 : 1)
      await one.delete((await one.people()).map(({ name }) => name))
    }
  })

  it('who is deleted is gone from the store, bytes and all', async () => {
    await enroll(one, 'Ada', 1)
    await enroll(other, 'Grace', 2)
    const objects = join(store.folder, path.slice('s3://'.length))
    expect(holdsBytes(objects, face(DIM, 1))).toBe(true)
    await other.delete(['Ada'])
    expect(holdsBytes(objects, face(DIM, 1))).toBe(false)
    expect(holdsBytes(objects, face(DIM, 2))).toBe(true)
    expect((await one.identify(face(DIM, 2))).matches).toMatchObject([{ name: 'Grace' }])
  })

  it('files are put together and cleaned away beside who reads and writes', async () => {
    const written = (async () => {
      for (let i = 0; i < 15; i++) await enroll(one, `p${i % 7}`, i)
    })()
    let over = false
    written.finally(() => {
      over = true
    })
    while (!over) {
      await other.purge()
      await other.identify(face(DIM, 0))
    }
    await written
    expect(await other.count()).toEqual({ people: 7, faces: 15 })
    await expectWhole(other)
  })
})
