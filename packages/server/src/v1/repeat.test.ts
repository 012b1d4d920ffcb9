import { expect, it } from 'vitest'
import { freshGalleries } from '../testing/fresh.js'
import { noisePhoto } from '../testing/server.js'

const own = freshGalleries()

const enroll = async (key: string, seed: number, person = 'Ada') =>
  own.client.POST('/v1/galleries/{gallery}/people/{person}/faces', {
    params: {
      path: { gallery: own.gallery, person },
      header: { 'idempotency-key': key && key + own.gallery },
    },
    body: { photo: [new File([new Uint8Array(await noisePhoto(seed))], 'noise.png')] },
  })

it('gets the same answer, one after the other and at once, though the boundary of the form differs', async () => {
  const answers = await Promise.all([enroll('k', 1), enroll('k', 1), enroll('k', 1)])
  answers.push(await enroll('k', 1))
  const [first] = answers
  expect(first!.data?.faces).toMatchObject([{ added: true }])
  for (const { response, data } of answers)
    expect([response.status, data]).toEqual([201, first!.data])
})

it('is refused where the content is another, and the first stays', async () => {
  const first = await enroll('k', 1)
  for (const other of [await enroll('k', 2), await enroll('k', 1, 'Bob')])
    expect([other.response.status, other.error?.code]).toEqual([422, 'SERVER_REPEAT'])
  expect((await enroll('k', 1)).data).toEqual(first.data)
  const people = await own.client.GET('/v1/galleries/{gallery}/people', {
    params: { path: { gallery: own.gallery } },
  })
  expect(people.data?.people).toMatchObject([{ name: 'Ada', faces: 1 }])
})

it('that failed is done again', async () => {
  const add = (body: { name: string }) =>
    own.client.POST('/v1/galleries/{gallery}/people', {
      params: { path: { gallery: own.gallery }, header: { 'idempotency-key': `p${own.gallery}` } },
      body,
    })
  await own.client.POST('/v1/galleries/{gallery}/people', {
    params: { path: { gallery: own.gallery } },
    body: { name: 'Ada' },
  })
  expect((await add({ name: 'Ada' })).error?.code).toBe('SERVER_CONFLICT')
  await own.client.DELETE('/v1/galleries/{gallery}/people/{person}', {
    params: { path: { gallery: own.gallery, person: 'Ada' } },
  })
  expect((await add({ name: 'Ada' })).response.status).toBe(201)
  expect((await add({ name: 'Ada' })).response.status).toBe(201)
})

it.each(['', 'x'.repeat(256)])('has a key of a length that is taken, not %j', async (key) => {
  expect((await enroll(key, 1)).error?.code).toBe('SERVER_REQUEST')
})
