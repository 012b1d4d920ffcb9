import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { generatedClient } from '../testing/generate.js'
import { noisePhoto, type TestServer, testServer } from '../testing/server.js'
import { connect } from './client.js'

let server: TestServer
beforeAll(async () => {
  server = await testServer()
})
afterAll(() => server.close())

it('is typed by what the server says of itself today', async () => {
  const path = new URL('../../src/client/generated/api.ts', import.meta.url)
  expect(readFileSync(path, 'utf8')).toBe(await generatedClient())
})

it('sends photographs as a form, as bytes of JSON, and tells problems', async () => {
  const client = connect({ url: server.url })
  const bytes = new Uint8Array(await noisePhoto(1))
  const photo = new File([bytes], 'noise.png')
  const asForm = await client.POST('/v1/detect', { body: { photo: [photo] } })
  expect(asForm.data?.photos[0]).toMatchObject({ name: 'noise.png' })
  const base64 = Buffer.from(bytes).toString('base64')
  const asJson = await client.POST('/v1/detect', { body: { photo: base64 } })
  expect(asJson.data?.photos[0]?.faces).toEqual(asForm.data?.photos[0]?.faces)
  const { error, response } = await client.POST('/v1/verify', {
    params: { query: { far: 0.01 } },
    body: { a: photo, b: new Blob(['no picture']) },
  })
  expect([response.status, error?.code]).toEqual([422, 'RECOGNIZE_PHOTO'])
})
