import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { face } from '@arcface/testing'
import type { GalleryFace } from '@arcface/vision'
import { describe, expect, it } from 'vitest'
import { beforeEachGallery } from '../testing/fresh.js'
import { type Gallery, openGallery } from './gallery.js'

const DIM = 8

let path: string
let gallery: Gallery
beforeEachGallery(DIM, (opened, folder) => {
  gallery = opened
  path = join(folder, 'gallery')
})

/** All pages, with something done after each. */
async function pages<T>(
  read: (after: T | undefined) => Promise<T[]>,
  between: (page: number) => Promise<unknown> = async () => {},
): Promise<T[]> {
  const all: T[] = []
  for (let page = 0; ; page++) {
    const found = await read(all.at(-1))
    if (found.length === 0) return all
    all.push(...found)
    await between(page)
  }
}

const codePoints = (text: string) => Array.from(text, (one) => one.codePointAt(0)!)
function byCodePoints(a: string, b: string): number {
  const [x, y] = [codePoints(a), codePoints(b)]
  const at = x.findIndex((one, i) => one !== y[i])
  return at < 0 ? x.length - y.length : x[at]! - (y[at] ?? -1)
}

describe('pages of people', () => {
  // The last two lie the other way round by UTF-16's units.
  const names = ["O'Brien", 'Zoë', 'Zo', 'ada', 'Ada', 'Зоя', '山田', '\uffee', '👩']

  it('go by the code points of names, whatever is in them, with the faces of each', async () => {
    await gallery.enroll(
      names.flatMap((person, i) =>
        Array.from({ length: (i % 3) + 1 }, (_, k) => ({
          person,
          embedding: face(DIM, 10 * i + k),
        })),
      ),
    )
    const sorted = [...names].sort(byCodePoints)
    expect(sorted.slice(-2)).toEqual(['\uffee', '👩'])
    const expected = sorted.map((name) => ({ name, faces: (names.indexOf(name) % 3) + 1 }))
    expect(await gallery.people()).toMatchObject(expected)
    for (const limit of [1, 2, 4, 9, 100])
      expect(
        await pages<{ name: string }>((after) =>
          gallery.people({ limit, ...(after && { after: after.name }) }),
        ),
      ).toMatchObject(expected)
    expect(await gallery.people({ after: 'O', limit: 1 })).toMatchObject([{ name: "O'Brien" }])
    expect(await gallery.people({ after: '👩' })).toEqual([])
    for (const one of expected) expect(await gallery.person(one.name)).toMatchObject(one)
  })

  it('hold once who is there all the time, whoever comes, changes and goes meanwhile', async () => {
    const there = Array.from({ length: 20 }, (_, i) => `p${String(i).padStart(2, '0')}`)
    await gallery.addPeople(there.map((name) => ({ name, groups: ['x'] })))
    const other = await openGallery(path)
    const found = await pages<{ name: string }>(
      (after) => gallery.people({ groups: ['x'], limit: 3, ...(after && { after: after.name }) }),
      async (page) => {
        // The last of the page goes, others come before and behind it, and rows move to other files.
        await other.addPeople([{ name: `p00 ${page}`, groups: ['x'] }, { name: `q${page}` }])
        await other.describe(there[(7 * page) % 20]!, { metadata: { page } })
        if (page === 1) await other.delete(['p05'])
        if (page === 2) await other.purge()
      },
    )
    await other.close()
    expect(found.map(({ name }) => name)).toEqual(there)
    const rest = await gallery.people({ groups: ['x'], after: 'p05', limit: 1 })
    expect(rest).toMatchObject([{ name: 'p06' }])
  })
})

describe('pages of faces', () => {
  const added = (i: number) => new Date(1e12 + 1000 * Math.floor(i / 4))
  const faces = Array.from({ length: 30 }, (_, i) => ({
    id: `f${(i * 7) % 30}`,
    person: 'Ada',
    embedding: face(DIM, i),
    source: `${i}.jpg`,
    photo: i % 2 ? 'b'.repeat(63) + (i % 10) : undefined,
    added: added(i),
  }))
  const enrolled = faces.map(({ photo, ...one }) => ({ ...one, ...(photo && { photo }) }))

  it('go by when faces came, then by their ids', async () => {
    await gallery.enroll([...enrolled].reverse())
    await gallery.enroll([{ person: 'Grace', embedding: face(DIM, 99) }])
    const known = new Map((await gallery.faces('Ada')).map((one) => [one.id, one]))
    const sorted = [...faces]
      .filter(({ id }) => known.has(id)) // those of one photograph are one
      .sort((a, b) => a.added.getTime() - b.added.getTime() || (a.id < b.id ? -1 : 1))
    expect(sorted.length).toBeGreaterThan(15)
    const expected = sorted.map(({ id, person, source, photo, added }) => ({
      ...{ id, person, source, added },
      photo: photo ?? null,
    }))
    expect(await gallery.faces('Ada')).toEqual(expected)
    for (const limit of [1, 4, 7, 100])
      expect(
        await pages<GalleryFace>((after) =>
          gallery.faces('Ada', { limit, ...(after && { after }) }),
        ),
      ).toEqual(expected)
    for (const one of expected) expect(await gallery.face(one.id)).toEqual(one)
  })

  it('hold once what is there all the time, also where the last of a page is deleted', async () => {
    const own = enrolled.map(({ photo: _, ...one }) => one)
    await gallery.enroll(own)
    const other = await openGallery(path)
    const found = await pages<{ id: string; added: Date }>(
      (after) => gallery.faces('Ada', { limit: 5, ...(after && { after }) }),
      async (page) => {
        if (page === 0) {
          const [, , , , last] = await other.faces('Ada', { limit: 5 })
          await other.deleteFaces([last!.id])
        }
        await other.enroll([{ person: 'Ada', embedding: face(DIM, 100 + page), added: added(0) }])
      },
    )
    await other.close()
    const ids = found.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.filter((id) => id.startsWith('f')).sort()).toEqual(own.map(({ id }) => id).sort())
    await expect(gallery.faces('Eve')).rejects.toMatchObject({ code: 'GALLERY_PERSON' })
    await expect(gallery.face('none')).rejects.toMatchObject({ code: 'GALLERY_FACE' })
  })
})

describe('counts', () => {
  it('are of all, or of those in all groups, as a search says', async () => {
    expect(await gallery.count()).toEqual({ people: 0, faces: 0 })
    await gallery.enroll(
      Array.from({ length: 12 }, (_, i) => ({
        person: `p${i % 5}`,
        embedding: face(DIM, i),
        groups: i % 5 < 2 ? ['x', 'é'] : ['x'],
      })),
    )
    expect(await gallery.count()).toEqual({ people: 5, faces: 12 })
    expect(await gallery.count({ groups: ['x', 'e\u0301'] })).toEqual({ people: 2, faces: 6 })
    expect(await gallery.count({ groups: ['none'] })).toEqual({ people: 0, faces: 0 })
    const { searched } = await gallery.identify(face(DIM, 1), { filter: { groups: ['é'] } })
    expect(searched).toEqual({ people: 2, faces: 6 })
  })
})

describe('thumbnails', () => {
  const picture = (i: number) =>
    Buffer.concat([1, 2, 3].map((k) => Buffer.from(face(1000, 10 * i + k).buffer)))

  it('come when they are asked for', async () => {
    await gallery.enroll([
      { id: 'a', person: 'Ada', embedding: face(DIM, 1), thumbnail: picture(1) },
      { id: 'b', person: 'Ada', embedding: face(DIM, 2) },
    ])
    expect(Buffer.from((await gallery.thumbnail('a'))!)).toEqual(picture(1))
    expect(await gallery.thumbnail('b')).toBeNull()
    await expect(gallery.thumbnail('c')).rejects.toMatchObject({ code: 'GALLERY_FACE' })
    expect([...(await gallery.thumbnails(['a', 'b', 'c'])).keys()]).toEqual(['a'])
    expect(await gallery.thumbnails([])).toEqual(new Map())
  })

  // By what the system says that this process has read.
  it.skipIf(!existsSync('/proc/self/io'))(
    'are not read where faces and people are listed',
    async () => {
      await gallery.enroll(
        Array.from({ length: 300 }, (_, i) => ({
          id: `f${i}`,
          person: `p${i % 2}`,
          embedding: face(DIM, i),
          thumbnail: picture(i),
        })),
      )
      const bytesRead = async (work: () => Promise<unknown>) => {
        const read = () => Number(/^rchar: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))![1])
        const before = read()
        await work()
        return read() - before
      }
      const pictures = 300 * picture(0).length
      const ids = Array.from({ length: 300 }, (_, i) => `f${i}`)
      await gallery.face('f1') // what is loaded once
      const listed = await bytesRead(async () => {
        await gallery.people()
        await gallery.faces('p0')
        await gallery.face('f7')
        await gallery.count()
      })
      expect(listed).toBeLessThan(pictures / 4)
      expect(await bytesRead(() => gallery.thumbnails(ids))).toBeGreaterThan(pictures / 2)
    },
  )
})
