import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  hasShared,
  noisePhoto,
  sharedPhoto,
  type TestServer,
  testServer,
} from '../testing/server.js'

describe('a server', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await testServer()
  })
  afterAll(() => server.close())

  const post = (path: string, body: RequestInit['body'], headers: Record<string, string> = {}) =>
    fetch(`${server.url}${path}`, { method: 'POST', body: body ?? null, headers })

  it('finds the same faces whichever way a photograph comes', async () => {
    const photo = await noisePhoto(1)
    const form = new FormData()
    form.append('photo', new Blob([new Uint8Array(photo)]), 'noise.png')
    const base64 = photo.toString('base64')
    const json = { 'content-type': 'application/json' }
    const answers = await Promise.all([
      post('/v1/detect', form),
      post('/v1/detect', new Uint8Array(photo), { 'content-type': 'image/png' }),
      post('/v1/detect', JSON.stringify({ photo: base64 }), json),
      post('/v1/detect', JSON.stringify({ photos: [`data:image/png;base64,${base64}`] }), json),
    ])
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    const [first, ...others] = (await Promise.all(answers.map((one) => one.json()))) as {
      photos: { name: string; faces: { box: object }[] }[]
    }[]
    expect(first!.photos[0]!.name).toBe('noise.png')
    expect(first!.photos[0]!.faces.length).toBeGreaterThan(0)
    for (const { photos } of others) expect(photos[0]!.faces).toEqual(first!.photos[0]!.faces)
  })

  it.each([
    ['GET', '/nothing', 404, 'SERVER_ROUTE'],
    ['DELETE', '/v1/detect', 405, 'SERVER_METHOD'],
    ['POST', '/v1/detect', 400, 'SERVER_REQUEST'],
    ['POST', '/v1/detect?faces=some', 400, 'SERVER_REQUEST'],
    ['GET', '/%zz', 400, 'SERVER_REQUEST'],
  ])('refuses %s %s by a problem document', async (method, path, status, code) => {
    const answer = await fetch(`${server.url}${path}`, { method })
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/)
    expect(await answer.json()).toMatchObject({ status, code })
    expect(answer.status).toBe(status)
  })

  it.each([
    ['POST', '/nothing', 404, 'SERVER_ROUTE'],
    ['POST', '/v1/nothing', 404, 'SERVER_ROUTE'],
    ['POST', '/health', 405, 'SERVER_METHOD'],
  ])(
    'does not read what is sent with %s to %s, where no key is asked for',
    async (_, path, status, code) => {
      // Were it read, it would be no JSON.
      const answer = await post(path, '{', { 'content-type': 'application/json' })
      expect([answer.status, await answer.json()]).toMatchObject([status, { code }])
    },
  )

  it('tells of several photographs which one cannot be read', async () => {
    const form = new FormData()
    form.append('photo', new Blob([new Uint8Array(await noisePhoto(2))]), 'noise.png')
    form.append('photo', new Blob(['no picture']), 'text.jpg')
    const answer = await post('/v1/detect', form)
    expect(await answer.json()).toMatchObject({
      photos: [{ name: 'noise.png' }, { name: 'text.jpg', problem: { code: 'RECOGNIZE_PHOTO' } }],
    })
  })
})

describe.skipIf(!hasShared)('a server, with photographs of ../shared', () => {
  it('says whether two show the same person, by a threshold that it names', async () => {
    await using server = await disposable('shared', {})
    const form = new FormData()
    for (const [name, i] of [
      ['a', 0],
      ['b', 1],
    ] as const)
      form.append(name, new Blob([readFileSync(sharedPhoto(0, i))]), `${name}.jpg`)
    const answer = await fetch(`${server.url}/v1/verify?threshold=0.3`, {
      method: 'POST',
      body: form,
    })
    expect(await answer.json()).toMatchObject({ same: true, threshold: 0.3, rejected: [] })
  })
})

async function disposable(models: 'shared' | 'drawn', config: object) {
  const server = await testServer(config, models)
  return { ...server, [Symbol.asyncDispose]: server.close }
}
