import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { randomEmbedder } from '@arcface/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { connect } from '../client/client.js'
import { noisePhoto, type TestServer, testServer } from '../testing/server.js'

const path = { gallery: 'staff', person: 'Ada' }
let before: TestServer
let server: TestServer
let client: ReturnType<typeof connect>
let photo: File
beforeAll(async () => {
  photo = new File([new Uint8Array(await noisePhoto(1))], 'noise.png')
  before = await testServer()
  const own = connect({ url: before.url })
  await own.POST('/v1/galleries', { body: { name: path.gallery } })
  await own.POST('/v1/galleries/{gallery}/people/{person}/faces', {
    params: { path },
    body: { photo: [photo] },
  })
  const model = join(before.folder, 'other.onnx')
  writeFileSync(model, randomEmbedder(3))
  server = await testServer({ galleries: join(before.folder, 'galleries'), model })
  client = connect({ url: server.url })
})
afterAll(async () => {
  await server.close()
  await before.close()
})

const embeddings = [Array.from({ length: 128 }, (_, i) => (i === 0 ? 1 : 0))]

it.each([
  [
    'faces',
    () =>
      client.POST('/v1/galleries/{gallery}/people/{person}/faces', {
        params: { path },
        body: { photo: [photo] },
      }),
  ],
  [
    'embeddings',
    () =>
      client.POST('/v1/galleries/{gallery}/people/{person}/embeddings', {
        params: { path },
        body: { embeddings },
      }),
  ],
  [
    'identify',
    () =>
      client.POST('/v1/galleries/{gallery}/identify', {
        params: { path },
        body: { photo: [photo] },
      }),
  ],
  [
    'search',
    () => client.POST('/v1/galleries/{gallery}/search', { params: { path }, body: { embeddings } }),
  ],
  [
    'verify',
    () =>
      client.POST('/v1/galleries/{gallery}/people/{person}/verify', {
        params: { path },
        body: { photo },
      }),
  ],
])('a gallery of another model takes no %s', async (_, ask) => {
  const { response, error } = await ask()
  expect([response.status, error?.code]).toEqual([409, 'GALLERY_MODEL'])
  expect(JSON.stringify(error)).not.toContain(before.folder)
})

it('a gallery of another model is still listed, described and changed', async () => {
  const { data } = await client.GET('/v1/galleries/{gallery}', { params: { path } })
  expect(data).toMatchObject({
    people: 1,
    faces: 1,
    usable: false,
    model: { name: 'embedder.onnx' },
  })
  const renamed = await client.PATCH('/v1/galleries/{gallery}/people/{person}', {
    params: { path },
    body: { name: 'Ada L.' },
  })
  expect(renamed.data).toMatchObject({ name: 'Ada L.', faces: 1 })
})
