import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { face } from '@arcface/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { enrollFolder } from '../photo/folder.js'
import { testModel } from '../testing/model.js'
import { exportGallery } from '../transfer/export.js'
import { importGallery } from '../transfer/import.js'
import { type Gallery, openGallery } from './gallery.js'

const DIM = 16
const model = testModel(DIM)
const folder = mkdtempSync(join(tmpdir(), 'gallery-calls-'))
let gallery: Gallery

beforeAll(async () => {
  gallery = await openGallery(join(folder, 'g'), { model })
  await gallery.enroll([
    { id: 'a', person: 'A', embedding: face(DIM, 1) },
    { id: 'd', person: 'd', embedding: face(DIM, 2), groups: ['Zo\u00eb', 'x'] },
  ])
})
afterAll(async () => {
  await gallery.close()
  rmSync(folder, { recursive: true })
})

describe('a call from JavaScript with something else than it takes', () => {
  const one = { person: 'b', embedding: face(DIM, 3) }
  // biome-ignore lint/suspicious/noExplicitAny: that is the point
  const calls: Record<string, (gallery: any) => Promise<unknown>> = {
    'a model of nothing': () => openGallery(join(folder, 'none'), { model: {} as never }),
    'a model that is null': () => openGallery(join(folder, 'none'), { model: null as never }),
    'a model that is text, of a gallery that is there': () =>
      openGallery(join(folder, 'g'), { model: 'test.onnx' as never }),
    'delete of a text, which is a list of letters': (g) => g.delete('Ad'),
    'delete of nothing': (g) => g.delete(),
    'delete of numbers': (g) => g.delete([1]),
    'delete of a list with a hole': (g) => g.delete([undefined]),
    'deleteFaces of a text': (g) => g.deleteFaces('ad'),
    'people in a text': (g) => g.people('x'),
    'people in groups that are a text': (g) => g.people({ groups: 'x' }),
    'people after a number': (g) => g.people({ after: 7 }),
    'no people': (g) => g.people({ limit: 0 }),
    'people and a half': (g) => g.people({ limit: 1.5 }),
    'people by a page': (g) => g.people({ page: 2 }),
    'a count in a text': (g) => g.count({ groups: 'x' }),
    'a count of something else': (g) => g.count({ group: ['x'] }),
    'faces of nothing': (g) => g.faces(),
    'faces after an id': (g) => g.faces('A', { after: 'a' }),
    'faces after null': (g) => g.faces('A', { after: null }),
    'faces after no date': (g) => g.faces('A', { after: { id: 'a', added: new Date('x') } }),
    'faces without number': (g) => g.faces('A', { limit: Number.NaN }),
    'a face by a number': (g) => g.face(7),
    'a thumbnail of nothing': (g) => g.thumbnail(),
    'thumbnails of a text': (g) => g.thumbnails('a'),
    'a filter by a text': (g) => g.identify(face(DIM, 1), { filter: { groups: 'x' } }),
    'a filter that is a list': (g) => g.identify(face(DIM, 1), { filter: ['x'] }),
    'a filter that is null': (g) => g.identify(face(DIM, 1), { filter: null }),
    'a threshold that is text': (g) => g.identify(face(DIM, 1), { threshold: '0.5' }),
    'identify of a list of numbers': (g) => g.identify([...face(DIM, 1)]),
    'identifyMany of one': (g) => g.identifyMany(face(DIM, 1)),
    'enroll of one': (g) => g.enroll(one),
    'a person who is a number': (g) => g.enroll([{ ...one, person: 7 }]),
    'an embedding in doubles': (g) =>
      g.enroll([{ ...one, embedding: Float64Array.from(one.embedding) }]),
    'groups that are a text': (g) => g.enroll([{ ...one, groups: 'x' }]),
    'an id that is a number': (g) => g.enroll([{ ...one, id: 7 }]),
    'a source that is a number': (g) => g.enroll([{ ...one, source: 7 }]),
    'a thumbnail that is a text': (g) => g.enroll([{ ...one, thumbnail: 'x' }]),
    'groups of a description that are a text': (g) => g.describe('A', { groups: 'x' }),
    'groups of a description that are null': (g) => g.describe('A', { groups: null }),
    'a change that is none': (g) => g.describe('A'),
    'a change of something else': (g) => g.describe('A', { group: ['x'] }),
    'faces of a folder that is none': (g) => enrollFolder(g, 7 as never, async () => []),
    'groups of a folder that are a text': (g) =>
      enrollFolder(g, folder, async () => [], { groups: 'x' as never }),
    'a folder with a threshold of text': (g) =>
      enrollFolder(g, folder, async () => [], { alike: 'x' as never }),
    'an export to a number': (g) => exportGallery(g, 7 as never),
    'an import of nothing': (g) => importGallery(g, undefined as never),
    'compare of nothing': (g) => g.compare('A'),
    'moving a text': (g) => g.moveFaces('a', 'd'),
    'alike of a text': (g) => g.alike('a', 0.5),
    'people to add that are a text': (g) => g.addPeople('Ada'),
    'a date that is a text': (g) => g.addPeople([{ name: 'x', added: 'today' }]),
    'rename to a list': (g) => g.rename('A', ['B']),
    'merge of numbers': (g) => g.merge(1, 2),
    'person of nothing': (g) => g.person(),
    'duplicates above a text': (g) => g.duplicates('x'),
  }
  it.each(Object.entries(calls))(
    '%s: refused with a code, and nothing is changed',
    async (_, call) => {
      await expect(call(gallery)).rejects.toMatchObject({
        code: expect.stringMatching(/^GALLERY_(USE|EMBEDDING)$/),
      })
      expect((await gallery.people()).map(({ name, faces }) => [name, faces])).toEqual([
        ['A', 1],
        ['d', 1],
      ])
    },
  )
})

describe('metadata', () => {
  const loop: Record<string, unknown> = {}
  loop.self = { loop }
  let deep: unknown = 1
  for (let i = 0; i < 10_000; i++) deep = [deep]
  const refused: Record<string, unknown> = {
    'a list': [1],
    null: null,
    'a text': 'x',
    'a date': new Date(0),
    'a map': new Map([['a', 1]]),
    'a date inside': { at: new Date(0) },
    'no number': { a: [1, Number.NaN] },
    'beyond all numbers': { a: Number.POSITIVE_INFINITY },
    'a big integer': { a: 1n },
    'a function': { a: () => 1 },
    'a hole': { a: new Array(2) },
    'itself inside': loop,
    'lists in lists without end': { deep },
  }
  it.each(Object.entries(refused))('%s: refused when it is stored', async (_, metadata) => {
    const code = { code: 'GALLERY_METADATA' }
    await expect(gallery.describe('A', { metadata: metadata as never })).rejects.toMatchObject(code)
    const one = { person: 'A', embedding: face(DIM, 9), metadata: metadata as never }
    await expect(gallery.enroll([one])).rejects.toMatchObject(code)
  })

  it('comes back as it was given', async () => {
    const metadata = { a: [1, { b: null, '': 'x\n' }], c: { d: true, e: -1.5 }, __proto__: null }
    await gallery.describe('A', { metadata })
    expect((await gallery.person('A')).metadata).toEqual({ ...metadata })
    await gallery.describe('A', { metadata: {} })
  })
})

describe('groups', () => {
  it('in decomposed form are those in composed form, wherever they are compared', async () => {
    const groups = ['Zoe\u0308']
    expect((await gallery.people({ groups })).map(({ name }) => name)).toEqual(['d'])
    for (let search = 0; search < 3; search++) {
      // The first is answered from disk, later ones from memory.
      const found = await gallery.identify(face(DIM, 1), { top: 5, filter: { groups } })
      expect(found.matches.map(({ name }) => name)).toEqual(['d'])
    }
    await gallery.describe('d', { groups: ['Zoe\u0308', 'Zo\u00eb'] })
    expect((await gallery.person('d')).groups).toEqual(['Zo\u00eb'])
  })
})
