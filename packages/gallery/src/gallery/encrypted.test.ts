import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  linkSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { face } from '@arcface/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openGalleries } from '../galleries/galleries.js'
import { filesBelow, holdsBytes } from '../testing/files.js'
import { testModel } from '../testing/model.js'
import { exportGallery } from '../transfer/export.js'
import { exportReadable } from '../transfer/readable.js'
import { checkGallery } from '../upkeep/check.js'
import { encryptGallery, rekeyGallery } from '../upkeep/encrypt.js'
import { rotateGallery } from '../upkeep/rotate.js'
import { type MasterKey, masterKey } from '../vault/master.js'
import { type Gallery, openGallery } from './gallery.js'

const DIM = 64
const model = testModel(DIM)
const NAME = 'Ada of the long and rare name'
const GROUP = 'a group that is nowhere else'
const THUMBNAIL = randomBytes(3000)

let room: string
let path: string
let count = 0
let key: MasterKey
let other: MasterKey

/** A file of a new key. */
function keyFile(): string {
  const file = join(room, `key-${++count}`)
  writeFileSync(file, `${randomBytes(32).toString('base64')}\n`)
  return file
}

beforeAll(async () => {
  room = mkdtempSync(join(tmpdir(), 'gallery-encrypted-'))
  key = await masterKey({ file: keyFile() })
  other = await masterKey({ file: keyFile() })
})
afterAll(() => rmSync(room, { recursive: true }))
beforeEach(() => {
  path = join(room, `gallery-${++count}`)
})

async function using<T>(gallery: Promise<Gallery>, work: (gallery: Gallery) => Promise<T>) {
  const opened = await gallery
  try {
    return await work(opened)
  } finally {
    await opened.close()
  }
}

const ada = (seed: number) => ({
  person: NAME,
  embedding: face(DIM, seed),
  groups: [GROUP],
  metadata: { office: 'behind the third door' },
  source: `a rare source ${seed}`,
  thumbnail: THUMBNAIL,
  photo: 'f'.repeat(64),
  origin: `/a/rare/path/${seed}.jpg`,
})
const bob = (seed: number) => ({ person: 'Bob', embedding: face(DIM, seed), source: `b${seed}` })

/** Faces of Ada and of Bob. */
const fill = (gallery: Gallery) => gallery.enroll([ada(1), bob(2), bob(3)])

/** Whether any file of a folder holds a text, or bytes, that `fill` has given. */
const SECRETS = [NAME, GROUP, 'third door', 'a rare source', 'rare/path', 'f'.repeat(64)]
const isShown = (folder: string) =>
  SECRETS.some((text) => holdsBytes(folder, Buffer.from(text))) ||
  holdsBytes(folder, face(DIM, 1)) ||
  holdsBytes(folder, THUMBNAIL)

/** Everybody, as a caller sees them, and whose the face of each seed is. */
async function seen(gallery: Gallery, seeds: readonly number[]) {
  const people = (await gallery.people()).map(({ added: _, ...person }) => person)
  const found = await gallery.identifyMany(seeds.map((seed) => face(DIM, seed)))
  return { people, found: found.map(({ matches }) => matches[0]?.name) }
}

describe('an encrypted gallery', () => {
  it('does what a plain one does, and shows nothing of it in its files', async () => {
    await using(openGallery(path, { model, key }), async (g) => {
      expect(g.encrypted).toBe(true)
      await fill(g)
      expect(isShown(path)).toBe(false)
      expect(await g.photographs(['f'.repeat(64)])).toEqual(
        new Map([['f'.repeat(64), [{ person: NAME, origin: '/a/rare/path/1.jpg' }]]]),
      )
      expect(await g.sources()).toEqual(new Set(['a rare source 1', 'b2', 'b3']))
      expect((await g.add([ada(1)]))[0]).toMatchObject({ added: false })
      expect(Buffer.from((await g.portrait(NAME))!)).toEqual(THUMBNAIL)
      expect(await g.count({ groups: [GROUP] })).toEqual({ people: 1, faces: 1 })
      expect(await g.spelling(NAME.toUpperCase())).toBe(NAME)
      const consent = { basis: 'law', at: new Date(5) }
      await g.describe(NAME, {
        groups: ['z'],
        metadata: { a: 1 },
        consent,
        retainUntil: new Date(9),
      })
      await g.rename(NAME, 'Eve')
      const eve = { name: 'Eve', groups: ['z'], metadata: { a: 1 }, consent, faces: 1 }
      expect((await g.people())[1]).toMatchObject({ ...eve, retainUntil: new Date(9) })
      expect(await g.person('Eve')).toMatchObject(eve)
      expect(await g.peopleFrom({ search: 'O', by: 'added', descending: true })).toMatchObject({
        people: [{ name: 'Bob' }],
        total: 1,
      })
      expect((await g.people({ after: 'Bob', limit: 1 })).map(({ name }) => name)).toEqual(['Eve'])
      expect(await g.groups()).toEqual(new Map([['z', 1]]))
      await g.merge('Eve', 'Bob')
      expect((await g.compare('Bob', face(DIM, 1))).similarity).toBeCloseTo(1, 5)
      const [first] = await g.faces('Bob')
      await g.split([first!.id], 'Cy')
      expect(await seen(g, [1, 2, 3])).toMatchObject({
        people: [
          { name: 'Bob', faces: 2 },
          { name: 'Cy', faces: 1 },
        ],
      })
      expect(await g.deleteFaces([first!.id])).toBe(1)
      await g.delete(['Bob'])
      await g.purge()
      expect(await seen(g, [1])).toEqual({
        people: [{ name: 'Cy', groups: [], metadata: {}, faces: 0 }],
        found: [undefined],
      })
    })
  })

  it('is its owner alone to read', async () => {
    await using(openGallery(path, { model, key }), fill)
    for (const file of filesBelow(path))
      expect([file, statSync(file).mode & 0o077]).toEqual([file, 0])
    expect(statSync(join(path, 'faces.lance', 'data')).mode & 0o077).toBe(0)
  })

  it('finds in memory alone, and refuses where it may not hold all faces', async () => {
    await using(openGallery(path, { model, key }), fill)
    await using(openGallery(path, { key, exactFaces: 2 }), async (g) => {
      await expect(g.identify(face(DIM, 1))).rejects.toMatchObject({ code: 'GALLERY_MEMORY' })
      expect(await g.person('Bob')).toMatchObject({ faces: 2 })
    })
  })

  it('is exported as it was given, and read by another one', async () => {
    const file = join(room, `${++count}.jsonl`)
    await using(openGallery(path, { model, key }), async (g) => {
      await fill(g)
      expect(await exportGallery(g, file)).toBe(3)
    })
    const lines = readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => JSON.parse(line))
    const [row] = lines.filter(({ person }) => person === NAME)
    expect(Float32Array.from(row.embedding)).toEqual(face(DIM, 1))
    expect(row).toMatchObject({ groups: [GROUP], source: 'a rare source 1', photo: 'f'.repeat(64) })
    const readable = join(room, `${++count}.jsonl`)
    await expect(exportReadable(path, readable)).rejects.toMatchObject({ code: 'GALLERY_KEY' })
    expect(await exportReadable(path, readable, { key })).toBe(3)
  })

  it('is not on object storage', async () => {
    await expect(openGallery('s3://bucket/people', { model, key })).rejects.toMatchObject({
      code: 'GALLERY_USE',
    })
  })
})

describe('who is deleted', () => {
  it('is nowhere in the folder at once, and nothing comes back with the key from a copy of the tables', async () => {
    const copy = `${path}-copy`
    await using(openGallery(path, { model, key }), async (g) => {
      await fill(g)
      cpSync(path, copy, { recursive: true })
      await g.delete([NAME])
      expect(isShown(path)).toBe(false)
      expect(await seen(g, [2])).toMatchObject({ people: [{ name: 'Bob' }], found: ['Bob'] })
      await expect(g.person(NAME)).rejects.toMatchObject({ code: 'GALLERY_PERSON' })
    })
    expect(isShown(copy)).toBe(false)
    // The tables of before with the keys of now: her rows are there, and open no more; Bob's do.
    copyFileSync(join(path, 'keys'), join(copy, 'keys'))
    const old = await openGallery(copy, { key })
    await expect(old.people()).rejects.toMatchObject({ code: 'GALLERY_DAMAGED' })
    await expect(old.thumbnails([])).resolves.toEqual(new Map())
    await old.close()
  })

  it('can be read from a copy of before, keys and all, with the master key of before alone', async () => {
    const copy = `${path}-copy`
    await using(openGallery(path, { model, key }), async (g) => {
      await fill(g)
      cpSync(path, copy, { recursive: true })
      await g.delete([NAME])
    })
    await rekeyGallery(path, { key, to: other })
    await expect(openGallery(copy, { key: other })).rejects.toMatchObject({ code: 'GALLERY_KEY' })
    await using(openGallery(copy, { key }), async (old) => {
      expect(await old.person(NAME)).toMatchObject({ faces: 1 })
    })
  })

  it('is gone where the process was killed behind the key, and the rows go with the next write', async () => {
    await using(openGallery(path, { model, key }), async (g) => {
      await fill(g)
      const id = (await g.faces(NAME))[0]!.id
      // What `delete` does first, and then no more.
      const { storeOf } = await import('./reader.js')
      await storeOf(g).read(async ({ vault, people }) => {
        const [row] = (await people.query().select(['id', 'name']).toArray()) as {
          id: string
          name: string
        }[]
        expect(row!.name).toBe(NAME)
        vault!.erase([row!.id])
      })
      expect(await seen(g, [1, 2])).toMatchObject({
        people: [{ name: 'Bob', faces: 2 }],
        found: ['Bob', 'Bob'],
      })
      await g.enroll([bob(4)])
      expect(await g.stats()).toMatchObject({ people: 1, faces: 3 })
      await expect(g.face(id)).rejects.toMatchObject({ code: 'GALLERY_FACE' })
    })
  })

  it.each(['a face', 'a face that is given away'])('%s: its old key is destroyed', async (what) => {
    const tables = `${path}-tables`
    await using(openGallery(path, { model, key }), async (g) => {
      await g.enroll([bob(2), bob(3), ada(1)])
      const [one] = await g.faces('Bob')
      const before = readFileSync(join(path, 'keys'))
      cpSync(path, tables, { recursive: true })
      if (what === 'a face') await g.deleteFaces([one!.id])
      else await g.moveFaces([one!.id], NAME)
      const now = readFileSync(join(path, 'keys'))
      // A slot more, and Bob's first is empty.
      expect(now.length).toBe(before.length + 80)
      expect(now.subarray(4096, 4096 + 80)).toEqual(Buffer.alloc(80))
      expect(await g.person('Bob')).toMatchObject({ faces: 1 })
      expect(await seen(g, [1])).toMatchObject({ found: [NAME] })
    })
    copyFileSync(join(path, 'keys'), join(tables, 'keys'))
    await using(openGallery(tables, { key }), async (old) => {
      await expect(old.sources()).rejects.toMatchObject({ code: 'GALLERY_DAMAGED' })
    })
  })
})

describe('a key', () => {
  it.each(['base64', 'hex', 'raw'])('may be %s in a file', async (form) => {
    const bytes = randomBytes(32)
    const file = keyFile()
    writeFileSync(file, form === 'raw' ? bytes : bytes.toString(form as 'hex'))
    const { id } = await masterKey({ file })
    writeFileSync(file, bytes.toString('base64'))
    expect((await masterKey({ file })).id).toBe(id)
  })

  it('may lie behind a command, which alone knows it', async () => {
    const kms = join(room, 'kms.sh')
    // A service that wraps by writing it in base64 once more.
    writeFileSync(
      kms,
      '#!/bin/sh\nread line\nif [ "$1" = wrap ]; then printf %s "$line" | base64 -w0; else printf %s "$line" | base64 -d; fi\n',
    )
    chmodSync(kms, 0o700)
    await using(openGallery(path, { model, key: { command: kms } }), fill)
    await using(openGallery(path, { key: { command: kms } }), async (g) => {
      expect(await seen(g, [1])).toMatchObject({ found: [NAME] })
    })
    for (const command of ['false', 'echo no base64 here; :', '/nowhere/at/all'])
      await expect(openGallery(path, { key: { command } })).rejects.toMatchObject({
        code: 'GALLERY_KEY',
      })
  })

  it.each([
    ['none', async () => undefined, /no key was given/],
    ['another', async () => other, /given is/],
    ['a file that is not there', async () => ({ file: '/nowhere' }), /cannot be read/],
    ['a variable that is not set', async () => ({ env: 'ARCFACE_NO_SUCH' }), /ARCFACE_NO_SUCH/],
  ])('%s: refused by a code', async (_, given, message) => {
    await using(openGallery(path, { model, key }), fill)
    const opening = openGallery(path, { key: await given() })
    await expect(opening).rejects.toMatchObject({ code: 'GALLERY_KEY' })
    await expect(opening).rejects.toThrow(message)
  })

  it('that is none is not repeated', async () => {
    const file = keyFile()
    writeFileSync(file, 'secret but short')
    const error = await masterKey({ file }).catch((one: Error) => one)
    expect(error).toMatchObject({ code: 'GALLERY_KEY' })
    expect(String(error)).not.toContain('secret')
  })
})

describe('a file of keys', () => {
  it('of another gallery, cut, damaged, gone: said by a code, and nothing is shown', async () => {
    const second = `${path}-second`
    await using(openGallery(path, { model, key }), fill)
    await using(openGallery(second, { model, key }), fill)
    const keys = join(path, 'keys')
    const right = readFileSync(keys)
    const opened = async () => {
      const gallery = await openGallery(path, { key })
      await gallery.people().finally(() => gallery.close())
    }
    copyFileSync(join(second, 'keys'), keys)
    await expect(opened()).rejects.toMatchObject({ code: 'GALLERY_KEY' })
    for (const [size, code] of [
      [0, 'GALLERY_DAMAGED'],
      [2000, 'GALLERY_DAMAGED'],
      [4096, 'GALLERY_DAMAGED'],
      [right.length - 1, 'GALLERY_DAMAGED'],
    ] as const) {
      writeFileSync(keys, right)
      truncateSync(keys, size)
      await expect(opened(), `${size}`).rejects.toMatchObject({ code })
    }
    const damaged = Buffer.from(right)
    damaged[4096 + 50]! ^= 1
    writeFileSync(keys, damaged)
    await expect(opened()).rejects.toMatchObject({ code: 'GALLERY_DAMAGED' })
    rmSync(keys)
    await expect(opened()).rejects.toMatchObject({ code: 'GALLERY_DAMAGED' })
    expect(await checkGallery(path)).toMatchObject({ ok: false })
    writeFileSync(keys, right)
    await opened()
    expect(await checkGallery(path)).toMatchObject({ ok: true })
  })

  it('is not written beside those that were cut or are of before: with the right ones all is there again', async () => {
    const keys = join(path, 'keys')
    const charles = { person: 'Charles', embedding: face(DIM, 9) }
    await using(openGallery(path, { model, key }), (g) => g.enroll([ada(1)]))
    const before = readFileSync(keys)
    await using(openGallery(path, { key }), async (open) => {
      await open.enroll([bob(2)])
      const right = readFileSync(keys)
      writeFileSync(keys, before)
      await using(openGallery(path, { key }), async (g) => {
        for (const one of [g, open])
          await expect(one.enroll([charles])).rejects.toMatchObject({ code: 'GALLERY_DAMAGED' })
      })
      expect(readFileSync(keys)).toEqual(before)
      writeFileSync(keys, right)
      await open.enroll([charles])
    })
    await using(openGallery(path, { key }), async (g) => {
      expect((await g.people()).map(({ name }) => name)).toEqual([NAME, 'Bob', 'Charles'])
    })
  })
})

describe('checkGallery', () => {
  it('opens the rows by the key, and what does open is saved', async () => {
    await using(openGallery(path, { model, key }), fill)
    const whole = { ok: true, people: { readable: 2 }, faces: { readable: 3 } }
    expect(await checkGallery(path)).toMatchObject({ ...whole, unopened: true })
    expect(await checkGallery(path, { key })).toMatchObject({ ...whole, unopened: false })
    await expect(checkGallery(path, { key: other })).rejects.toMatchObject({ code: 'GALLERY_KEY' })
    const keys = readFileSync(join(path, 'keys'))
    keys[4096 + 50]! ^= 1
    writeFileSync(join(path, 'keys'), keys)
    expect(await checkGallery(path, { key })).toMatchObject({
      ok: false,
      people: { rows: 2, readable: 1, trouble: '1 of 2 rows of people cannot be read' },
      faces: { rows: 3, readable: 2 },
    })
    const file = join(room, 'saved.jsonl')
    expect(await exportReadable(path, file, { key })).toBe(2)
    const saved = readFileSync(file, 'utf8')
    expect(saved).toContain('Bob')
    expect(saved).not.toContain(NAME)
    keys[100] = 0
    writeFileSync(join(path, 'keys'), keys)
    expect(await checkGallery(path, { key })).toMatchObject({
      ok: false,
      unopened: true,
      gallery: { trouble: expect.stringMatching("'keys'") },
    })
  })
})

describe('what was cut short', () => {
  it('keeps nobody who is deleted later: a gallery that was made anew', async () => {
    const making = join(path, '.encrypting')
    const left = `${path}-left`
    const cutShort = () => {
      cpSync(making, left, { recursive: true })
      throw new Error('cut short')
    }
    const keys = () => filesBelow(path).filter((name) => name.endsWith('keys'))
    await using(openGallery(path, { model }), fill)
    const to = { file: keyFile() }
    await expect(rotateGallery(path, { to, onProgress: cutShort })).rejects.toThrow()
    expect(existsSync(making)).toBe(false)
    renameSync(left, making) // as a kill leaves it
    await using(openGallery(path, {}), (g) => g.delete([NAME]))
    expect(isShown(path)).toBe(false)
    await expect(encryptGallery(path, { key, onProgress: cutShort })).rejects.toThrow()
    renameSync(left, making)
    expect(keys()).toHaveLength(1)
    await using(openGallery(path, {}), (g) => g.delete(['Bob']))
    expect(keys()).toEqual([])
  })

  it('keeps nobody who is deleted later: keys that were about to be others', async () => {
    await using(openGallery(path, { model, key }), fill)
    const left = join(path, 'keys.new')
    const keys = readFileSync(join(path, 'keys'))
    // Under two names, as somebody has it open who undeletes.
    writeFileSync(left, keys)
    linkSync(left, `${path}-undeleted`)
    await using(openGallery(path, { key }), (g) => g.delete([NAME]))
    expect(existsSync(left)).toBe(false)
    expect(readFileSync(`${path}-undeleted`)).toEqual(Buffer.alloc(keys.length))
  })

  it('is ended before somebody writes who has the gallery of before open: nothing of his is lost unsaid', async () => {
    await using(openGallery(path, { model }), async (open) => {
      await fill(open)
      const made = `${path}-made`
      cpSync(path, made, { recursive: true })
      await encryptGallery(made, { key })
      renameSync(made, join(path, '.encrypted'))
      const late = open.enroll([{ person: 'Late', embedding: face(DIM, 9) }])
      await expect(late).rejects.toMatchObject({ code: 'GALLERY_KEY' })
    })
    await using(openGallery(path, { key }), async (g) => {
      expect((await g.people()).map(({ name }) => name)).toEqual([NAME, 'Bob'])
    })
  })
})

describe('encryptGallery', () => {
  it('makes a plain gallery an encrypted one, with nothing plain left', async () => {
    const before = await using(openGallery(path, { model }), async (g) => {
      await fill(g)
      return seen(g, [1, 2, 3])
    })
    expect(isShown(path)).toBe(true)
    await using(openGallery(path), async (late) => {
      expect(await encryptGallery(path, { key })).toEqual({ people: 2, faces: 3, before: false })
      await expect(late.enroll([bob(9)])).rejects.toMatchObject({ code: 'GALLERY_KEY' })
    })
    expect(isShown(path)).toBe(false)
    await expect(openGallery(path)).rejects.toMatchObject({ code: 'GALLERY_KEY' })
    expect(await using(openGallery(path, { key }), (g) => seen(g, [1, 2, 3]))).toEqual(before)
    expect(await encryptGallery(path, { key })).toEqual({ people: 2, faces: 3, before: true })
  })

  it('goes on where it was cut short', async () => {
    await using(openGallery(path, { model }), fill)
    cpSync(path, `${path}-plain`, { recursive: true })
    await encryptGallery(path, { key })
    // As a kill leaves it in between: whole, and not in its place.
    for (const [i, there] of [[], ['keys'], ['keys', 'gallery.lance']].entries()) {
      const cut = `${path}-cut-${i}`
      cpSync(`${path}-plain`, cut, { recursive: true })
      cpSync(path, join(cut, '.encrypted'), { recursive: true })
      for (const name of there) {
        rmSync(join(cut, name), { recursive: true, force: true })
        cpSync(join(path, name), join(cut, name), { recursive: true })
        rmSync(join(cut, '.encrypted', name), { recursive: true })
      }
      await using(openGallery(cut, { key }), async (g) => {
        expect(await seen(g, [1, 2])).toMatchObject({ found: [NAME, 'Bob'] })
      })
      expect(isShown(cut)).toBe(false)
      expect(existsSync(join(cut, '.encrypted'))).toBe(false)
    }
  })

  it('below others is opened by the key of all, beside plain ones', async () => {
    const galleries = await openGalleries(path, { key })
    await galleries.create('new', model)
    await using(openGallery(join(path, 'plain'), { model }), fill)
    expect((await galleries.get('new')).encrypted).toBe(true)
    const plain = await galleries.get('plain')
    expect(plain.encrypted).toBe(false)
    await encryptGallery(join(path, 'plain'), { key })
    const now = await galleries.get('plain')
    expect(now.encrypted).toBe(true)
    expect(await now.person(NAME)).toMatchObject({ faces: 1 })
    // Who holds the file of keys still, by another name, holds nothing.
    const kept = join(path, 'kept')
    linkSync(join(path, 'plain', 'keys'), kept)
    await galleries.delete('plain')
    expect(readFileSync(kept).every((byte) => byte === 0)).toBe(true)
    await galleries.close()
  })
})

describe('rekeyGallery', () => {
  it('opens by the new key alone, and the call that is repeated does nothing', async () => {
    await using(openGallery(path, { model, key }), fill)
    expect(await rekeyGallery(path, { key, to: other })).toBe(true)
    expect(await rekeyGallery(path, { key, to: other })).toBe(false)
    await expect(openGallery(path, { key })).rejects.toMatchObject({ code: 'GALLERY_KEY' })
    await using(openGallery(path, { key: other }), async (g) => {
      expect(await seen(g, [1, 2])).toMatchObject({ found: [NAME, 'Bob'] })
      await g.enroll([bob(7)])
    })
    await using(openGallery(`${path}-plain`, { model }), fill)
    await expect(rekeyGallery(`${path}-plain`, { key, to: other })).rejects.toMatchObject({
      code: 'GALLERY_USE',
    })
  })
})
