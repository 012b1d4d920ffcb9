import { describe, expect, it } from 'vitest'
import { freshGalleries } from '../testing/fresh.js'
import { noisePhoto } from '../testing/server.js'

const own = freshGalleries()

const photo = async (seed: number) =>
  new File([new Uint8Array(await noisePhoto(seed))], `noise-${seed}.png`)
const enroll = async (person: string, ...seeds: number[]) =>
  own.client.POST('/v1/galleries/{gallery}/people/{person}/faces', {
    params: { path: { gallery: own.gallery, person }, query: { alike: 'true' } },
    body: { photo: await Promise.all(seeds.map(photo)) },
  })
const people = async (query: object = {}) =>
  (
    await own.client.GET('/v1/galleries/{gallery}/people', {
      params: { path: { gallery: own.gallery }, query },
    })
  ).data

describe('galleries over HTTP', () => {
  it('are made once, described, listed and deleted', async () => {
    const again = await own.client.POST('/v1/galleries', { body: { name: own.gallery } })
    expect([again.response.status, again.error?.code]).toEqual([409, 'GALLERY_EXISTS'])
    const path = { params: { path: { gallery: own.gallery } } }
    expect((await own.client.GET('/v1/galleries/{gallery}', path)).data).toMatchObject({
      ...{ name: own.gallery, people: 0, faces: 0, usable: true },
      model: { name: 'embedder.onnx', dim: 128 },
    })
    expect((await own.client.GET('/v1/galleries')).data?.galleries).toContain(own.gallery)
    const deleted = await own.client.DELETE('/v1/galleries/{gallery}', path)
    expect([deleted.response.status, deleted.response.headers.get('content-type')]).toEqual([
      204,
      null,
    ])
    const gone = await own.client.GET('/v1/galleries/{gallery}', path)
    expect(gone.error?.code).toBe('GALLERY_MISSING')
  })

  it.each(['..%2F..%2Fetc', 'a%00b', '%2e%2e%2f', 'UPPER', 'x'.repeat(64), '__proto__'])(
    'are not asked for by %s',
    async (name) => {
      const answer = await fetch(`${own.server.url}/v1/galleries/${name}`)
      expect([answer.status, await answer.json()]).toMatchObject([422, { code: 'GALLERY_NAME' }])
    },
  )

  it.each([
    'Ada',
    'Ada / Lovelace',
    'עדה',
    '👩‍🔬',
    '__proto__',
    'constructor',
    '100%',
    'a?b#c',
    'a\\b',
  ])('know somebody called %s by this name', async (person) => {
    const enrolled = await enroll(person, 1)
    expect(enrolled.data?.faces).toMatchObject([{ name: 'noise-1.png', added: true, alike: null }])
    expect((await people())?.people).toMatchObject([{ name: person, faces: 1 }])
    const path = { params: { path: { gallery: own.gallery, person } } }
    const one = await own.client.GET('/v1/galleries/{gallery}/people/{person}', path)
    expect(one.data?.name).toBe(person)
    const deleted = await own.client.DELETE('/v1/galleries/{gallery}/people/{person}', path)
    expect(deleted.response.status).toBe(204)
    expect((await people())?.people).toEqual([])
  })

  it('have nobody whose name is a step of an address', async () => {
    const body = { name: '..' }
    const added = await own.client.POST('/v1/galleries/{gallery}/people', {
      params: { path: { gallery: own.gallery } },
      body,
    })
    expect([added.response.status, added.error?.code]).toEqual([422, 'GALLERY_NAME'])
    expect(added.error?.hint).toBeDefined()
  })

  it('tell what is there already, who is alike, and which photograph shows nobody', async () => {
    await enroll('Ada', 1)
    expect((await enroll('Ada', 1, 2)).data?.faces).toMatchObject([
      { added: false },
      { added: true },
    ])
    const bob = await enroll('Bob', 1)
    expect(bob.data?.faces[0]?.alike).toMatchObject({
      person: 'Ada',
      similarity: expect.closeTo(1),
    })
    const text = new File(['no picture'], 'text.jpg')
    const path = { params: { path: { gallery: own.gallery, person: 'Ada' } } }
    const both = await own.client.POST('/v1/galleries/{gallery}/people/{person}/faces', {
      ...path,
      body: { photo: [text, await photo(3)] },
    })
    expect(both.data?.faces).toMatchObject([
      { problem: { code: 'RECOGNIZE_PHOTO' } },
      { added: true },
    ])
    const alone = await own.client.POST('/v1/galleries/{gallery}/people/{person}/faces', {
      ...path,
      body: { photo: [text] },
    })
    expect(alone.response.status).toBe(422)
  })

  it('give people a page at a time, by groups, renamed, described and merged', async () => {
    for (const [i, name] of ['Ada', 'Bob', 'Cleo', 'Dora'].entries()) {
      const body = { name, groups: i % 2 ? ['odd'] : ['even', 'first'], metadata: { i } }
      await own.client.POST('/v1/galleries/{gallery}/people', {
        params: { path: { gallery: own.gallery } },
        body,
      })
    }
    const first = await people({ limit: 3 })
    expect([first?.people.map(({ name }) => name), first?.next]).toEqual([
      ['Ada', 'Bob', 'Cleo'],
      'Cleo',
    ])
    expect(await people({ limit: 3, after: 'Cleo' })).toMatchObject({
      people: [{ name: 'Dora' }],
      next: null,
    })
    expect((await people({ group: ['even', 'first'] }))?.people).toHaveLength(2)
    const groups = await own.client.GET('/v1/galleries/{gallery}/groups', {
      params: { path: { gallery: own.gallery } },
    })
    expect(groups.data?.groups).toEqual([
      ...[{ name: 'even', people: 2 }],
      ...[{ name: 'first', people: 2 }],
      ...[{ name: 'odd', people: 2 }],
    ])
    const changed = await own.client.PATCH('/v1/galleries/{gallery}/people/{person}', {
      params: { path: { gallery: own.gallery, person: 'Ada' } },
      body: { name: 'Ada L.', groups: [], metadata: { born: 1815 } },
    })
    expect(changed.data).toMatchObject({ name: 'Ada L.', groups: [], metadata: { born: 1815 } })
    await enroll('Bob', 4)
    const merged = await own.client.POST('/v1/galleries/{gallery}/people/{person}/merge', {
      params: { path: { gallery: own.gallery, person: 'Bob' } },
      body: { into: 'Cleo' },
    })
    expect(merged.data).toMatchObject({ name: 'Cleo', faces: 1 })
    const gone = await own.client.POST('/v1/galleries/{gallery}/people/delete', {
      params: { path: { gallery: own.gallery } },
      body: { names: ['Cleo', 'Nobody'] },
    })
    expect([gone.response.status, gone.error?.code]).toEqual([404, 'GALLERY_PERSON'])
    expect((await people())?.people.map(({ name }) => name)).toEqual(['Ada L.', 'Cleo', 'Dora'])
  })

  it('give, show, move and delete faces', async () => {
    const { data } = await enroll('Ada', 1, 2, 3)
    const ids = data!.faces.map(({ id }) => id!)
    await enroll('Bob', 4)
    const path = { gallery: own.gallery, face: ids[0]! }
    const face = await own.client.GET('/v1/galleries/{gallery}/faces/{face}', { params: { path } })
    expect(face.data).toMatchObject({ id: ids[0], person: 'Ada', source: 'noise-1.png' })
    const picture = await fetch(
      `${own.server.url}/v1/galleries/${own.gallery}/faces/${ids[0]}/thumbnail`,
    )
    expect(picture.headers.get('content-type')).toBe('image/jpeg')
    expect(new Uint8Array(await picture.arrayBuffer()).slice(0, 2)).toEqual(
      new Uint8Array([255, 216]),
    )
    const moved = await own.client.POST('/v1/galleries/{gallery}/faces/move', {
      params: { path: { gallery: own.gallery } },
      body: { ids: [ids[1]!], to: 'Bob' },
    })
    expect(moved.response.status).toBe(204)
    const deleted = await own.client.POST('/v1/galleries/{gallery}/faces/delete', {
      params: { path: { gallery: own.gallery } },
      body: { ids: [ids[0]!, 'nobody'] },
    })
    expect(deleted.data).toEqual({ deleted: 1 })
    expect((await people())?.people).toMatchObject([
      { name: 'Ada', faces: 1 },
      { name: 'Bob', faces: 2 },
    ])
    const page = await own.client.GET('/v1/galleries/{gallery}/people/{person}/faces', {
      params: { path: { gallery: own.gallery, person: 'Bob' }, query: { limit: 1 } },
    })
    // The last of a page may go before the next is asked for.
    await own.client.DELETE('/v1/galleries/{gallery}/faces/{face}', {
      params: { path: { gallery: own.gallery, face: page.data!.faces[0]!.id } },
    })
    const rest = await own.client.GET('/v1/galleries/{gallery}/people/{person}/faces', {
      params: {
        path: { gallery: own.gallery, person: 'Bob' },
        query: { limit: 2, after: page.data!.next! },
      },
    })
    expect([page.data?.faces.length, rest.data?.faces.length, rest.data?.next]).toEqual([
      1,
      1,
      null,
    ])
  })
})
