import { face, noisy } from '@arcface/testing'
import { describe, expect, it } from 'vitest'
import { freshGalleries } from '../testing/fresh.js'
import { noisePhoto } from '../testing/server.js'

const own = freshGalleries()
const path = () => ({ gallery: own.gallery })
const of = (person: string) => ({ gallery: own.gallery, person })
const file = (photo: Buffer) => new File([new Uint8Array(photo)], 'noise.png')

const review = (photo: Buffer, query: object = { alike: 'true' }) =>
  own.client.POST('/v1/galleries/{gallery}/review', {
    params: { path: path(), query },
    body: { photo: file(photo) },
  })
const enroll = (person: string, photo: Buffer) =>
  own.client.POST('/v1/galleries/{gallery}/people/{person}/faces', {
    params: { path: of(person) },
    body: { photo: [file(photo)] },
  })
const people = async () =>
  (await own.client.GET('/v1/galleries/{gallery}/people', { params: { path: path() } })).data!

describe('a look before enrolment', () => {
  it('tells the face, who has the photograph and who is alike, and keeps nothing', async () => {
    const photo = await noisePhoto(1)
    const first = await review(photo)
    expect(first.data).toMatchObject({ face: { rejected: [] }, there: [], alike: { matches: [] } })
    expect(first.data!.alike).toMatchObject({ known: false, source: 'these pairs' })
    expect((await people()).people).toEqual([])
    await enroll('Ada', photo)
    const { data } = await review(photo)
    expect(data).toMatchObject({
      there: ['Ada'],
      alike: { known: true, threshold: expect.any(Number), matches: [{ name: 'Ada' }] },
    })
    expect((await review(photo, {})).data).toMatchObject({ there: ['Ada'], alike: null })
    expect((await people()).people).toMatchObject([{ name: 'Ada', faces: 1 }])
  })

  it('refuses what is no photograph', async () => {
    const { error } = await review(Buffer.from('no picture'))
    expect(error).toMatchObject({ status: 422, code: expect.stringMatching(/^RECOGNIZE_/) })
  })
})

it("of a person's faces the one that is another's is told, and goes to somebody new", async () => {
  const rows = [noisy(face(128, 1), 0.8, 2), noisy(face(128, 1), 0.8, 3), face(128, 9)]
  const add = (person: string, ids: string[], embeddings: Float32Array[]) =>
    own.client.POST('/v1/galleries/{gallery}/people/{person}/embeddings', {
      params: { path: of(person) },
      body: { ids, embeddings: embeddings.map((one) => Array.from(one)) },
    })
  await add('Ada', ['a', 'b', 'c'], rows)
  await add('Bob', ['d'], [noisy(face(128, 9), 0.9, 4)])
  const { data } = await own.client.GET('/v1/galleries/{gallery}/people/{person}/review', {
    params: { path: of('Ada') },
  })
  const faces = [...data!.faces].sort((x, y) => x.own!.similarity! - y.own!.similarity!)
  expect(faces[0]).toMatchObject({ face: 'c', alike: { person: 'Bob', face: 'd' } })
  expect(faces.slice(1).map(({ alike }) => alike)).toEqual([null, null])
  expect(data).toMatchObject({ threshold: expect.any(Number), source: 'these pairs' })
  const move = (to: string, isNew: boolean) =>
    own.client.POST('/v1/galleries/{gallery}/faces/move', {
      params: { path: path() },
      body: { ids: ['c'], to, new: isNew },
    })
  expect((await move('Bob', true)).error?.code).toBe('GALLERY_PERSON_EXISTS')
  expect((await move('Eve', false)).error?.code).toBe('GALLERY_PERSON')
  expect((await move('Eve', true)).response.status).toBe(204)
  expect((await people()).people.map(({ name, faces }) => [name, faces])).toEqual([
    ['Ada', 2],
    ['Bob', 1],
    ['Eve', 1],
  ])
})

describe('of two who edit a person', () => {
  const edit = (version: string, groups: string[]) =>
    own.client.PATCH('/v1/galleries/{gallery}/people/{person}', {
      params: { path: of('Ada'), header: { 'if-match': version } },
      body: { groups },
    })

  it('the second is told that the first was before, whatever it wants', async () => {
    const { data } = await own.client.POST('/v1/galleries/{gallery}/people', {
      params: { path: path() },
      body: { name: 'Ada' },
    })
    const { version } = data!
    const results = await Promise.all([edit(version, ['x']), edit(`"${version}"`, ['y'])])
    expect(results.map(({ response }) => response.status).sort()).toEqual([200, 412])
    expect(results.find(({ error }) => error)?.error).toMatchObject({ code: 'GALLERY_CHANGED' })
    const stale = { path: of('Ada'), header: { 'if-match': version } }
    const url = '/v1/galleries/{gallery}/people/{person}'
    expect((await own.client.DELETE(url, { params: stale })).response.status).toBe(412)
    const merge = await own.client.POST(`${url}/merge`, { params: stale, body: { into: 'Bob' } })
    expect(merge.response.status).toBe(412)
    const { data: now } = await own.client.GET(url, { params: { path: of('Ada') } })
    expect(now!.groups).toHaveLength(1)
    const fresh = { path: of('Ada'), header: { 'if-match': now!.version } }
    expect((await own.client.DELETE(url, { params: fresh })).response.status).toBe(204)
  })
})

it('people are found by a part of their names, in an order, with how many there are', async () => {
  for (const name of ['Ada', 'Adam', 'Bob', 'Cara'])
    await own.client.POST('/v1/galleries/{gallery}/people', {
      params: { path: path() },
      body: { name },
    })
  const list = async (query: object) => {
    const url = '/v1/galleries/{gallery}/people'
    const { data, error } = await own.client.GET(url, { params: { path: path(), query } })
    return data ? [data.people.map(({ name }) => name), data.total, data.next] : error?.code
  }
  expect(await list({ limit: 2 })).toEqual([['Ada', 'Adam'], 4, 'Adam'])
  expect(await list({ limit: 2, after: 'Adam' })).toEqual([['Bob', 'Cara'], null, 'Cara'])
  expect(await list({ search: 'AD', limit: 1 })).toEqual([['Ada'], 2, null])
  expect(await list({ descending: 'true', offset: 1, limit: 2 })).toEqual([
    ['Bob', 'Adam'],
    4,
    null,
  ])
  expect((await list({ by: 'added' }))[0]).toEqual(['Ada', 'Adam', 'Bob', 'Cara'])
  expect(await list({ after: 'Ada', search: 'b' })).toBe('SERVER_REQUEST')
})
