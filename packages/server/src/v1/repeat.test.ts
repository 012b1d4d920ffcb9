import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { connect } from '../client/client.js'
import { noisePhoto, type TestServer, testServer } from '../testing/server.js'

let server: TestServer
let client: ReturnType<typeof connect>
beforeAll(async () => {
  server = await testServer()
  client = connect({ url: server.url })
})
afterAll(() => server.close())

let count = 0
let gallery: string
beforeEach(async () => {
  gallery = `people-${++count}`
  await client.POST('/v1/galleries', { body: { name: gallery } })
})

const enroll = async (key: string, seed: number, person = 'Ada') =>
  client.POST('/v1/galleries/{gallery}/people/{person}/faces', {
    params: { path: { gallery, person }, header: { 'idempotency-key': key && key + gallery } },
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
  const people = await client.GET('/v1/galleries/{gallery}/people', {
    params: { path: { gallery } },
  })
  expect(people.data?.people).toMatchObject([{ name: 'Ada', faces: 1 }])
})

it('that failed is done again', async () => {
  const add = (body: { name: string }) =>
    client.POST('/v1/galleries/{gallery}/people', {
      params: { path: { gallery }, header: { 'idempotency-key': `p${gallery}` } },
      body,
    })
  await client.POST('/v1/galleries/{gallery}/people', {
    params: { path: { gallery } },
    body: { name: 'Ada' },
  })
  expect((await add({ name: 'Ada' })).error?.code).toBe('SERVER_CONFLICT')
  await client.DELETE('/v1/galleries/{gallery}/people/{person}', {
    params: { path: { gallery, person: 'Ada' } },
  })
  expect((await add({ name: 'Ada' })).response.status).toBe(201)
  expect((await add({ name: 'Ada' })).response.status).toBe(201)
})

it.each(['', 'x'.repeat(256)])('has a key of a length that is taken, not %j', async (key) => {
  expect((await enroll(key, 1)).error?.code).toBe('SERVER_REQUEST')
})
