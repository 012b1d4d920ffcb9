import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { face, noisy, similarity } from '@arcface/testing'
import type { GalleryModel } from '@arcface/vision'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { enrollFolder } from '../photo/folder.js'
import { connect } from '../store/tables.js'
import { holdsBytes } from '../testing/files.js'
import { testModel } from '../testing/model.js'
import { exportGallery } from '../transfer/export.js'
import { importGallery } from '../transfer/import.js'
import { type Gallery, openGallery } from './gallery.js'

const DIM = 64
const model: GalleryModel = { ...testModel(DIM), preprocessing: { std: 1 } }

let folder: string
let count = 0
const fresh = () => join(folder, `gallery-${++count}`)

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gallery-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

async function using<T>(work: (gallery: Gallery, path: string) => Promise<T>): Promise<T> {
  const path = fresh()
  const gallery = await openGallery(path, { model })
  try {
    return await work(gallery, path)
  } finally {
    await gallery.close()
  }
}

describe('identify', () => {
  it('gives the people that comparing with every face gives, each once, in order', () =>
    using(async (gallery) => {
      const faces = Array.from({ length: 300 }, (_, i) => ({
        person: `p${i % 40}`,
        embedding: noisy(face(DIM, i % 40), 0.8, 1000 + i),
      }))
      await gallery.enroll(faces)
      for (let probe = 0; probe < 20; probe++) {
        const embedding = noisy(face(DIM, probe), 0.7, 5000 + probe)
        const best = new Map<string, number>()
        for (const one of faces)
          best.set(
            one.person,
            Math.max(best.get(one.person) ?? -1, similarity(embedding, one.embedding)),
          )
        const expected = [...best].sort((a, b) => b[1] - a[1]).slice(0, 15)
        const { matches, threshold } = await gallery.identify(embedding, { top: 15 })
        expect(threshold).toBeNull()
        expect(matches.map(({ name }) => name)).toEqual(expected.map(([name]) => name))
        for (const [i, match] of matches.entries())
          expect(match.similarity).toBeCloseTo(expected[i]![1], 5)
      }
      const all = await gallery.identify(face(DIM, 1), { top: 100 })
      expect(all.matches).toHaveLength(40)
    }))

  it('leaves out who is below the threshold, and who is not in all groups', () =>
    using(async (gallery) => {
      const groups = [['staff'], ['staff', "it's"], []]
      await gallery.enroll(
        groups.map((one, i) => ({ person: `p${i}`, embedding: face(DIM, i), groups: one })),
      )
      const found = async (probe: number, options = {}) =>
        (await gallery.identify(face(DIM, probe), { top: 3, ...options })).matches.map(
          (m) => m.name,
        )
      expect(await found(2, { threshold: 0.9 })).toEqual(['p2'])
      expect(await found(2, { filter: { groups: ['staff'] } })).toHaveLength(2)
      expect(await found(2, { filter: { groups: ['staff', "it's"] } })).toEqual(['p1'])
      expect(await found(2, { filter: { groups: ['nobody'] } })).toEqual([])
      await gallery.describe('p2', { groups: ["it's", 'staff'], metadata: { room: 7 } })
      expect(await found(2, { filter: { groups: ['staff', "it's"] } })).toEqual(['p2', 'p1'])
      await gallery.describe('p1', { groups: [] })
      expect(await found(2, { filter: { groups: ["it's"] } })).toEqual(['p2'])
      expect(await gallery.person('p2')).toMatchObject({ metadata: { room: 7 } })
      expect((await gallery.people({ groups: ['staff'] })).map(({ name }) => name)).toEqual([
        'p0',
        'p2',
      ])
    }))

  it('refuses what is no embedding of its model', () =>
    using(async (gallery) => {
      for (const bad of [
        new Float32Array(DIM),
        face(32, 1),
        new Float32Array(DIM).fill(Number.NaN),
      ]) {
        await expect(gallery.identify(bad)).rejects.toMatchObject({ code: 'GALLERY_EMBEDDING' })
        await expect(gallery.enroll([{ person: 'a', embedding: bad }])).rejects.toMatchObject({
          code: 'GALLERY_EMBEDDING',
        })
      }
      await expect(gallery.identify(face(DIM, 1), { top: 0 })).rejects.toMatchObject({
        code: 'GALLERY_USE',
      })
      expect((await gallery.identify(face(DIM, 1))).matches).toEqual([])
    }))
})

describe('people', () => {
  it('keep their names, whatever these are made of, and make no paths of them', () =>
    using(async (gallery, path) => {
      const names = [
        'Зоя',
        '山田太郎',
        "O'Brien -- ; DROP",
        '../../escape',
        '👩🏽‍🚀',
        'a\\b%_"',
        'مريم',
      ]
      await gallery.enroll(names.map((person, i) => ({ person, embedding: face(DIM, i) })))
      await fc.assert(
        fc.asyncProperty(
          fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }),
          async (text) => {
            const person = `x${text.replace(/[\p{Cc}\p{Cs}]/gu, '')}x`
            const [id] = await gallery.enroll([{ person, embedding: face(DIM, 99) }])
            const { name } = await gallery.person(person)
            expect(name).toBe(person.normalize('NFC'))
            expect((await gallery.faces(person)).map((one) => one.id)).toContain(id)
          },
        ),
        { numRuns: 20 },
      )
      for (const [i, name] of names.entries())
        expect((await gallery.identify(face(DIM, i))).matches[0]?.name).toBe(name)
      const tables = ['__manifest', 'faces.lance', 'gallery.lance', 'people.lance']
      expect(readdirSync(path).sort()).toEqual([...tables, 'reserve', 'writer.lock'])
      for (const bad of ['', '  ', 'a\nb', '\0', '\ud800', 'x'.repeat(501)])
        await expect(
          gallery.enroll([{ person: bad, embedding: face(DIM, 1) }]),
        ).rejects.toMatchObject({ code: 'GALLERY_NAME' })
      for (const id of ['../x', 'a/b', '', 'x'.repeat(65)])
        await expect(
          gallery.enroll([{ id, person: 'a', embedding: face(DIM, 1) }]),
        ).rejects.toMatchObject({ code: 'GALLERY_USE' })
    }))

  it('composed and decomposed forms of a name are one person', () =>
    using(async (gallery) => {
      await gallery.enroll([{ person: 'Zo\u00eb', embedding: face(DIM, 1) }])
      await gallery.enroll([{ person: 'Zoe\u0308', embedding: face(DIM, 2) }])
      expect(await gallery.people()).toMatchObject([{ name: 'Zo\u00eb', faces: 2 }])
    }))

  it('are renamed and merged', () =>
    using(async (gallery) => {
      await gallery.enroll([
        { person: 'ada', embedding: face(DIM, 1), groups: ['x'], metadata: { born: 1815 } },
        { person: 'ada l.', embedding: face(DIM, 2), groups: ['y'] },
      ])
      await gallery.rename('ada', 'Ada')
      // Taken, and so in conflict: a server answers otherwise than where nobody is.
      await expect(gallery.rename('Ada', 'ada l.')).rejects.toMatchObject({
        code: 'GALLERY_PERSON_EXISTS',
      })
      await expect(gallery.rename('ada', 'b')).rejects.toMatchObject({ code: 'GALLERY_PERSON' })
      await expect(gallery.merge('Ada', 'Ada')).rejects.toMatchObject({
        code: 'GALLERY_PERSON_EXISTS',
      })
      await gallery.merge('ada l.', 'Ada')
      expect(await gallery.people()).toMatchObject([
        { name: 'Ada', faces: 2, groups: ['x'], metadata: { born: 1815 } },
      ])
      const { matches } = await gallery.identify(face(DIM, 2), { filter: { groups: ['x'] } })
      expect(matches).toMatchObject([{ name: 'Ada' }])
      expect(matches[0]!.similarity).toBeCloseTo(1, 5)
    }))

  it('without whom a gallery is empty, are deleted, and nothing is purged of nothing', () =>
    using(async (gallery) => {
      await gallery.purge()
      await gallery.addPeople([{ name: 'a' }, { name: 'b' }])
      await gallery.delete(['a'])
      await gallery.enroll([{ person: 'b', embedding: face(DIM, 1) }])
      await gallery.delete(['b'])
      await gallery.purge()
      expect(await gallery.stats()).toMatchObject({ people: 0, faces: 0 })
    }))

  it('deleted are gone from the disk, bytes and all', () =>
    using(async (gallery, path) => {
      const thumbnail = (i: number) =>
        Uint8Array.from(Buffer.from(`thumbnail-${i}-${'q'.repeat(3)}`))
      for (let i = 0; i < 30; i++)
        await gallery.enroll([
          { person: `person ${i % 10}`, embedding: face(DIM, i), thumbnail: thumbnail(i) },
        ])
      expect(holdsBytes(path, face(DIM, 3))).toBe(true)
      expect(holdsBytes(path, thumbnail(3))).toBe(true)
      await expect(gallery.delete(['person 3', 'nobody'])).rejects.toMatchObject({
        code: 'GALLERY_PERSON',
      })
      await gallery.delete(['person 3'])
      for (const i of [3, 13, 23]) {
        expect(holdsBytes(path, face(DIM, i))).toBe(false)
        expect(holdsBytes(path, thumbnail(i))).toBe(false)
      }
      const [first] = await gallery.faces('person 4')
      await gallery.deleteFaces([first!.id])
      expect((await gallery.person('person 4')).faces).toBe(2)
      expect(await gallery.stats()).toMatchObject({ people: 9, faces: 26, search: 'exact' })
      for (const i of [0, 5, 29])
        expect((await gallery.identify(face(DIM, i))).matches[0]?.name).toBe(`person ${i % 10}`)
    }))
})

describe('duplicates', () => {
  it('are copies of a picture, and faces alike under two people', () =>
    using(async (gallery) => {
      await gallery.enroll([
        { person: 'a', embedding: face(DIM, 1), source: 'a/1.jpg' },
        { person: 'a', embedding: noisy(face(DIM, 1), 0.5, 7), source: 'a/2.jpg' },
        // Compressed anew; the very same embedding would not be added again.
        { person: 'a', embedding: noisy(face(DIM, 1), 0.9995, 9), source: 'a/copy.jpg' },
        { person: 'b', embedding: noisy(face(DIM, 1), 0.7, 8), source: 'b/1.jpg' },
        { person: 'c', embedding: face(DIM, 3), source: 'c/1.jpg' },
      ])
      const found = await gallery.duplicates(0.65)
      const text = found.map(({ kind, a, b }) => `${kind} ${[a.source, b.source].sort().join(' ')}`)
      expect(text[0]).toBe('copy a/1.jpg a/copy.jpg')
      expect(text.slice(1).sort()).toEqual(['people a/1.jpg b/1.jpg', 'people a/copy.jpg b/1.jpg'])
      const pair = found.find(({ a, b }) => ![a.source, b.source].includes('a/copy.jpg'))
      expect(pair!.similarity).toBeCloseTo(0.7, 5)
    }))

  it('are no more than memory is for: nearly all pairs are above some threshold', () =>
    using(async (gallery) => {
      // 1415 x 1414 / 2 pairs.
      await gallery.enroll(
        Array.from({ length: 1415 }, (_, i) => ({ person: `p${i}`, embedding: face(DIM, i) })),
      )
      await expect(gallery.duplicates(-1)).rejects.toMatchObject({
        ...{ code: 'GALLERY_USE', hint: expect.stringContaining('higher threshold') },
        message: 'more than 1000000 pairs of faces are more similar than -1',
      })
      expect(await gallery.duplicates(0.99)).toEqual([])
    }))
})

describe('export and import', () => {
  for (const ending of ['jsonl', 'parquet'])
    it(`${ending} brings everything back, bit for bit, and only once`, () =>
      using(async (gallery) => {
        const thumbnail = Uint8Array.of(0xff, 0xd8, 0, 1, 0x80)
        await gallery.enroll([
          {
            person: 'Зоя',
            embedding: face(DIM, 1),
            groups: ['x', 'é'],
            metadata: { a: [1, { b: null }] },
          },
          { person: 'Зоя', embedding: face(DIM, 2), source: 'z/2.jpg', thumbnail },
          { person: 'b', embedding: face(DIM, 3) },
        ])
        const file = join(folder, `out.${ending}`)
        expect(await exportGallery(gallery, file)).toBe(3)
        await using(async (other) => {
          expect(await importGallery(other, file)).toBe(3)
          expect(await importGallery(other, file)).toBe(0)
          const strip = (people: { added: Date }[]) => people.map(({ added: _, ...rest }) => rest)
          expect(strip(await other.people())).toEqual(strip(await gallery.people()))
          const second = (await other.faces('Зоя')).find(({ source }) => source === 'z/2.jpg')
          expect(Array.from((await other.thumbnail(second!.id))!)).toEqual(Array.from(thumbnail))
          const again = join(folder, `again.${ending}`)
          await exportGallery(other, again)
          expect(readFileSync(again)).toEqual(readFileSync(file))
        })
        const path = fresh()
        const stranger = await openGallery(path, { model: { ...model, sha256: 'b'.repeat(64) } })
        await expect(importGallery(stranger, file)).rejects.toMatchObject({ code: 'GALLERY_MODEL' })
        expect((await stranger.stats()).faces).toBe(0)
        await stranger.close()
      }))

  it('names the file that cannot be written, and leaves nothing of it', () =>
    using(async (gallery) => {
      await gallery.enroll([{ person: 'a', embedding: face(DIM, 1) }])
      for (const ending of ['jsonl', 'parquet']) {
        const file = join(folder, 'none', `out.${ending}`)
        const error = await exportGallery(gallery, file).catch((thrown) => thrown)
        expect(error).toMatchObject({ code: 'GALLERY_EXPORT' })
        expect(error.message.startsWith(`${file} cannot be written (ENOENT`)).toBe(true)
      }
    }))

  it('refuses files that are none', () =>
    using(async (gallery) => {
      const cases = { 'a.jsonl': '{}\n', 'b.jsonl': 'x', 'c.parquet': 'PAR1', 'd.parquet': '' }
      const newer = { gallery: { format: 99, model, rows: 0 } }
      for (const [name, text] of Object.entries({ ...cases, 'e.jsonl': JSON.stringify(newer) })) {
        const file = join(folder, name)
        writeFileSync(file, text)
        await expect(importGallery(gallery, file), name).rejects.toMatchObject({
          code: 'GALLERY_FORMAT',
        })
      }
      for (const work of [exportGallery, importGallery])
        await expect(work(gallery, join(folder, 'x.csv'))).rejects.toMatchObject({
          code: 'GALLERY_USE',
        })
    }))
})

describe('opening', () => {
  it('refuses another model and names both', () =>
    using(async (_, path) => {
      for (const other of [
        { ...model, sha256: 'b'.repeat(64), name: 'other.onnx' },
        { ...model, name: 'other.onnx', preprocessing: { std: 2 } },
        { ...model, name: 'other.onnx', dim: 32 },
      ])
        await expect(openGallery(path, { model: other })).rejects.toMatchObject({
          code: 'GALLERY_MODEL',
          message: expect.stringMatching(/test\.onnx.*other\.onnx/),
        })
      const renamed = await openGallery(path, { model: { ...model, name: 'moved.onnx' } })
      expect(renamed.model).toEqual(model)
      await renamed.close()
    }))

  it('refuses a newer gallery, and a path without one', () =>
    using(async (_, path) => {
      const db = await connect(path)
      const about = await db.openTable('gallery')
      await about.update({ where: 'true', valuesSql: { format: '99' } })
      db.close()
      await expect(openGallery(path)).rejects.toMatchObject({ code: 'GALLERY_FORMAT' })
      const empty = fresh()
      await expect(openGallery(empty)).rejects.toMatchObject({ code: 'GALLERY_MISSING' })
      // Where no folder can be made, and Node's own way of making one never returns.
      await expect(openGallery('/proc/none/gallery', { model })).rejects.toMatchObject({
        code: 'GALLERY_STORE',
        message: expect.stringContaining('/proc/none/gallery cannot be made'),
      })
      mkdirSync(empty)
      await expect(openGallery(empty)).rejects.toMatchObject({ code: 'GALLERY_MISSING' })
      // Somebody's folder of photographs stays as it is.
      expect(readdirSync(empty)).toEqual([])
      const file = join(empty, 'file')
      writeFileSync(file, '')
      await expect(openGallery(file)).rejects.toMatchObject({ code: 'GALLERY_MISSING' })
    }))

  it('after close nothing goes', async () => {
    const gallery = await openGallery(fresh(), { model })
    const pending = gallery.enroll([{ person: 'a', embedding: face(DIM, 1) }])
    await gallery.close()
    await gallery.close()
    expect(await pending).toHaveLength(1)
    await expect(gallery.people()).rejects.toMatchObject({ code: 'GALLERY_USE' })
  })
})

describe('a folder', () => {
  it('is enrolled by person, goes on after an abort, and says what it skipped', () =>
    using(async (gallery) => {
      const photos = join(folder, 'photos')
      for (let i = 0; i < 70; i++) {
        mkdirSync(join(photos, `p${i % 7}`, 'deep'), { recursive: true })
        writeFileSync(join(photos, `p${i % 7}`, i % 2 ? 'deep' : '', `${i}.jpg`), `photo ${i}`)
      }
      writeFileSync(join(photos, 'nobody.jpg'), '')
      const asked: string[] = []
      const facesOf = async (paths: readonly string[]) =>
        paths.map((path) => {
          asked.push(path)
          const i = Number(/(\d+)\.jpg$/.exec(path)![1])
          return i === 69 ? { skipped: 'no face found' } : { embedding: face(DIM, i) }
        })
      const stop = new AbortController()
      const first = await enrollFolder(gallery, photos, facesOf, {
        signal: stop.signal,
        onProgress: () => stop.abort(),
      })
      expect(first.finished).toBe(false)
      expect((await gallery.stats()).faces).toBe(first.enrolled)
      const second = await enrollFolder(gallery, photos, facesOf, { groups: ['g'] })
      expect(second).toMatchObject({ photos: 70, before: first.enrolled, finished: true })
      expect(second.skipped).toHaveLength(1 - first.skipped.length)
      expect(first.enrolled + second.enrolled).toBe(69)
      expect(new Set(asked).size).toBe(70)
      expect((await gallery.identify(face(DIM, 8))).matches[0]).toMatchObject({
        name: 'p1',
        source: 'p1/8.jpg',
      })
      await expect(
        enrollFolder(gallery, join(photos, 'p0', 'deep'), facesOf),
      ).rejects.toMatchObject({ code: 'GALLERY_USE' })
    }))
})
