import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { face } from '@arcface/testing'
import { describe, expect, it } from 'vitest'
import { type Gallery, openGallery } from '../gallery/gallery.js'
import { beforeEachGallery } from '../testing/fresh.js'
import { testModel } from '../testing/model.js'
import { exportGallery } from './export.js'
import { exportedModel, importGallery } from './import.js'

const DIM = 16
const model = testModel(DIM)

let here: string
let gallery: Gallery
beforeEachGallery(DIM, (opened, folder) => {
  gallery = opened
  here = folder
})

async function imported<T>(file: string, work: (other: Gallery) => Promise<T>): Promise<T> {
  const path = mkdtempSync(join(here, 'other-'))
  const other = await openGallery(path, { model: await exportedModel(file) })
  try {
    await importGallery(other, file)
    return await work(other)
  } finally {
    await other.close()
  }
}

const everything = async (of: Gallery) => {
  const people = await of.people()
  return Promise.all(
    people.map(async (person) => {
      const faces = await of.faces(person.name)
      return { person, faces, thumbnails: await of.thumbnails(faces.map(({ id }) => id)) }
    }),
  )
}

for (const ending of ['jsonl', 'parquet'])
  describe(`.${ending}`, () => {
    it('is ended by a signal, and leaves no file', async () => {
      await gallery.enroll([{ person: 'Ada', embedding: face(DIM, 1) }])
      const signal = AbortSignal.abort(new Error('enough'))
      const ended = exportGallery(gallery, join(here, `out.${ending}`), { signal })
      await expect(ended).rejects.toThrow('enough')
      expect(readdirSync(here).filter((name) => name.includes('out'))).toEqual([])
    })

    it('brings back people without faces, groups, metadata, and when all of them came', async () => {
      const [faded] = await gallery.enroll([
        { person: 'Faded', embedding: face(DIM, 1), groups: ['vip'], metadata: { badge: 'E-77' } },
      ])
      await gallery.deleteFaces([faded!])
      const [then, later] = [new Date('2001-02-03T04:05:06.789Z'), new Date('2002-03-04T00:00:00Z')]
      await gallery.addPeople([
        { name: 'Ada', groups: ['b', 'a'], added: then },
        { name: 'Nobody' },
      ])
      const photo = 'f'.repeat(64)
      const thumbnail = Uint8Array.of(255, 216, 0)
      await gallery.enroll([
        {
          person: 'Ada',
          embedding: face(DIM, 2),
          source: 'a/1.jpg',
          photo,
          thumbnail,
          added: later,
        },
        { person: 'Ada', embedding: face(DIM, 3) },
      ])
      const file = join(here, `out.${ending}`)
      expect(await exportGallery(gallery, file)).toBe(2)
      await imported(file, async (other) => {
        expect(await everything(other)).toEqual(await everything(gallery))
        const { added } = await other.person('Ada')
        const [first] = await other.faces('Ada')
        expect([added, first!.added]).toEqual([then, later])
        const same = await other.add([{ person: 'Ada', embedding: face(DIM, 4), photo }])
        expect(same).toMatchObject([{ added: false }])
        // Two that import at once, or one again, add nothing.
        const twice = await Promise.all([importGallery(other, file), importGallery(other, file)])
        expect(twice).toEqual([0, 0])
      })
    })

    it('is readable by its owner only', async () => {
      const file = join(here, `out.${ending}`)
      writeFileSync(file, '', { mode: 0o644 })
      await exportGallery(gallery, file)
      expect(statSync(file).mode & 0o777).toBe(0o600)
    })

    it('two imports at once into an empty gallery give each face once', async () => {
      await gallery.enroll(
        Array.from({ length: 20 }, (_, i) => ({ person: `p${i % 3}`, embedding: face(DIM, i) })),
      )
      const file = join(here, `out.${ending}`)
      await exportGallery(gallery, file)
      const others = await Promise.all(
        [1, 2].map(() => openGallery(join(here, 'shared'), { model })),
      )
      const added = await Promise.all(others.map((one) => importGallery(one, file)))
      expect(added[0]! + added[1]!).toBe(20)
      expect((await others[0]!.stats()).faces).toBe(20)
      await Promise.all(others.map((one) => one.close()))
    })
  })

it('a file that was cut anywhere, or has a line too many, is refused before anything is added', async () => {
  await gallery.addPeople([{ name: 'Nobody' }])
  await gallery.enroll([1, 2, 3].map((i) => ({ person: 'Ada', embedding: face(DIM, i) })))
  const file = join(here, 'out.jsonl')
  await exportGallery(gallery, file)
  const text = readFileSync(file, 'utf8')
  const lines = text.split(/(?<=\n)/)
  expect(lines).toHaveLength(5)
  const cut = join(here, 'cut.jsonl')
  const other = await openGallery(join(here, 'other'), { model })
  for (const wrong of [
    ...[1, 2, 3, 4].map((count) => lines.slice(0, count).join('')),
    text.slice(0, -1),
    text.slice(0, -40),
    text + lines[4],
    lines.filter((_, i) => i !== 2).join(''),
  ]) {
    writeFileSync(cut, wrong)
    await expect(importGallery(other, cut)).rejects.toMatchObject({ code: 'GALLERY_FORMAT' })
    expect(await other.stats()).toMatchObject({ people: 0, faces: 0 })
  }
  await other.close()
})

describe('an export of format 1', () => {
  const old = (...rows: object[]) =>
    [{ gallery: { format: 1, model } }, ...rows].map((row) => `${JSON.stringify(row)}\n`).join('')
  const row = (person: string, seed: number, metadata: unknown, groups: string[] = []) => ({
    ...{ id: `face-${seed}`, person, groups, metadata, source: null },
    ...{ embedding: [...face(DIM, seed)], thumbnail: null },
  })

  it('is read, also with metadata and names that may not be stored any more', async () => {
    const file = join(here, 'old.jsonl')
    writeFileSync(
      file,
      old(
        row('Ada', 1, { a: 1 }, ['x']),
        row('Bob', 2, [1, 'two']),
        row('Cy', 3, null),
        row('Di', 4, 'text'),
        row('A\u200bda', 5, {}, ['y\u202e']),
      ),
    )
    await imported(file, async (other) => {
      const people = await other.people()
      expect(people.map(({ name, groups, metadata }) => [name, groups, metadata])).toEqual([
        ['A\\u{200b}da', ['y\\u{202e}'], {}],
        ['Ada', ['x'], { a: 1 }],
        ['Bob', [], { value: [1, 'two'] }],
        ['Cy', [], {}],
        ['Di', [], { value: 'text' }],
      ])
      expect((await other.stats()).faces).toBe(5)
    })
  })

  it('of which a row cannot be taken says which, and why', async () => {
    const file = join(here, 'wrong.jsonl')
    const deep = JSON.parse('{"a":'.repeat(200) + '1' + '}'.repeat(200))
    const wrong: [object, string][] = [
      [row('Bob', 2, deep), 'metadata are nested deeper than 100'],
      [{ ...row('Bob', 2, {}), added: 'yesterday' }, 'added: no date'],
      [[], 'Invalid input: expected object, received array'],
    ]
    const other = await openGallery(join(here, 'wrong'), { model })
    for (const [one, why] of wrong) {
      writeFileSync(file, old(row('Ada', 1, {}), one))
      await expect(importGallery(other, file)).rejects.toMatchObject({
        code: 'GALLERY_FORMAT',
        message: `${file}: row 2: ${why}`,
      })
    }
    writeFileSync(file, old(row('Ada', 1, {}), { ...row('Bob', 2, {}), embedding: [1, 0] }))
    await expect(importGallery(other, file)).rejects.toMatchObject({
      code: 'GALLERY_EMBEDDING',
      message: expect.stringMatching(/row 2: an embedding of 2 numbers/),
    })
    expect(await other.stats()).toMatchObject({ people: 0, faces: 0 })
    await other.close()
  })
})
