import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { temporaryKeys } from '../testing/keys.js'
import { noisePhoto, type TestServer, testServer } from '../testing/server.js'

// The routes of both APIs with keys of all kinds.

describe('a server with keys', () => {
  const made = temporaryKeys()
  let server: TestServer
  const keys: Record<string, string> = {}
  beforeAll(async () => {
    const make = async (name: string, wanted: object) => {
      keys[name] = (await made.file.create({ name, scopes: ['read'], ...wanted })).text
    }
    await make('admin', { scopes: ['read', 'enroll', 'delete', 'admin'] })
    await make('gate', { scopes: ['identify'], galleries: ['staff'] })
    await make('desk', { scopes: ['identify'], galleries: ['staff'], scores: true })
    await make('staff', { scopes: ['read', 'enroll', 'admin'], galleries: ['staff', 'club'] })
    await make('recruiter', { scopes: ['enroll', 'identify'] })
    server = await testServer({ keys: made.file.path, host: '0.0.0.0' })
    for (const name of ['staff', 'guests']) expect((await put('admin', name)).status).toBe(201)
    const enrolled = await ask('admin', '/v1/galleries/staff/people/Ada/faces', await photo())
    expect(enrolled.status).toBe(201)
  })
  afterAll(async () => {
    await server.close()
    made[Symbol.dispose]()
  })

  const photo = async (names = ['photo']) => {
    const form = new FormData()
    for (const name of names)
      form.append(name, new Blob([new Uint8Array(await noisePhoto(1))]), 'noise.png')
    return form
  }
  const ask = (key: string, path: string, body?: RequestInit['body']) =>
    fetch(`${server.url.replace('0.0.0.0', '127.0.0.1')}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      body: body ?? null,
      headers: {
        'x-api-key': keys[key] ?? key,
        ...(typeof body === 'string' && { 'content-type': 'application/json' }),
      },
    })
  const put = (key: string, name: string) => ask(key, '/v1/galleries', JSON.stringify({ name }))

  it('tells of galleries those that the key is for, and makes no others', async () => {
    const listed = async (key: string) => (await ask(key, '/v1/galleries')).json()
    expect(await listed('admin')).toEqual({ galleries: ['guests', 'staff'] })
    expect(await listed('staff')).toEqual({ galleries: ['staff'] })
    expect((await put('staff', 'guests')).status).toBe(403)
    expect((await put('staff', 'other')).status).toBe(403)
    expect((await put('staff', 'club')).status).toBe(201)
    expect((await ask('gate', '/v1/galleries')).status).toBe(403)
    // Which name them too.
    expect((await ask('staff', '/metrics')).status).toBe(403)
    expect(await (await ask('admin', '/metrics')).text()).toContain('gallery="staff"')
  })

  it('tells who else is like a new face to keys that may identify alone', async () => {
    const path = '/v1/galleries/staff/people/Bob/faces?alike=true'
    const refused = await ask('staff', path, await photo())
    expect([refused.status, await refused.json()]).toMatchObject([403, { code: 'SERVER_SCOPE' }])
    const told = await ask('recruiter', path, await photo())
    expect(await told.json()).toMatchObject({ faces: [{ alike: { person: 'Ada' } }] })
  })

  it('tells a key without scores what is decided, and no more', async () => {
    const questions = [
      ['/v1/galleries/staff/identify?faces=largest', ['photo']],
      ['/v1/galleries/staff/people/Ada/verify', ['photo']],
      ['/v1/verify', ['a', 'b']],
      ['/v1/detect', ['photo']],
      ['/api/v1/recognition/recognize?face_plugins=calculator', ['file']],
    ] as const
    for (const [path, parts] of questions) {
      const [gate, desk] = await Promise.all(
        ['gate', 'desk'].map(async (key) => {
          const answer = await ask(key, path, await photo([...parts]))
          expect([path, answer.status]).toEqual([path, 200])
          return answer.text()
        }),
      )
      expect(gate).not.toMatch(/"(embedding|prior|likelihoodRatio)"/)
      if (path.startsWith('/v1')) expect(gate).not.toContain('"similarity"')
      else expect(gate).not.toMatch(/"similarity":(?![01][,}])/)
      if (path !== '/v1/detect') expect(desk).toContain('"similarity"')
      expect(gate).toContain(path.includes('recogn') || path.includes('identify') ? 'Ada' : '"')
    }
    const bisected = await ask('gate', '/v1/verify?threshold=0.9', await photo(['a', 'b']))
    expect(bisected.status).toBe(403)
  })

  it('answers in the words of either API that a key is none', async () => {
    const wrong = '00000000-0000-4000-8000-000000000000'
    const own = await ask(wrong, '/v1/galleries')
    expect([own.status, await own.json()]).toMatchObject([401, { code: 'SERVER_KEY' }])
    const theirs = await ask(wrong, '/api/v1/recognition/subjects')
    expect([theirs.status, await theirs.json()]).toMatchObject([404, { code: 10 }])
    for (const path of ['/docs/json', '/api/v1/config'])
      expect((await fetch(`${server.url.replace('0.0.0.0', '127.0.0.1')}${path}`)).status).toBe(200)
  })
})
