import { inspect } from 'node:util'
import { type ObjectStore, startObjectStore } from '@arcface/testing/s3'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openGallery } from '../gallery/gallery.js'
import { testModel } from '../testing/model.js'

const model = testModel(8)
const SECRET = 'wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY'

let store: ObjectStore
beforeAll(async () => {
  store = await startObjectStore()
})
afterAll(() => store.close())

const options = (change: Readonly<Record<string, string>>) => ({
  model,
  storage: { ...store.options, client_max_retries: '0', secret_access_key: SECRET, ...change },
})

it.concurrent.each([
  ['a bucket that is not there', 'GALLERY_STORE', 's3://nowhere/people', {}],
  ['a key that the store does not know', 'GALLERY_ACCESS', 's3://bucket/a', { access_key_id: 'A' }],
  ['nobody who answers', 'GALLERY_STORE', 's3://bucket/b', { endpoint: 'http://127.0.0.1:9' }],
  ['no TLS that was not allowed', 'GALLERY_STORE', 's3://bucket/c', { allow_http: 'false' }],
] as const)('%s is %s, and no secret is said', async (_, code, path, change) => {
  const error = await openGallery(path, options(change)).catch((cause: unknown) => cause)
  expect(error).toMatchObject({ code, hint: expect.any(String) })
  expect((error as Error).message).toContain(path)
  expect(inspect(error, { depth: 9 })).not.toContain(SECRET)
})

it('options that are no texts are refused without being repeated', async () => {
  const storage = { secret_access_key: 12345 } as unknown as Record<string, string>
  await expect(openGallery('s3://bucket/d', { model, storage })).rejects.toMatchObject({
    code: 'GALLERY_USE',
    message: expect.not.stringContaining('12345'),
  })
})

it('nothing there is GALLERY_MISSING, also where it was deleted', async () => {
  await expect(openGallery('s3://bucket/none', { storage: store.options })).rejects.toMatchObject({
    code: 'GALLERY_MISSING',
  })
})
