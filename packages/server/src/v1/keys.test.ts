import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect } from '../client/client.js'
import type { KeyFile } from '../keys/key-file.js'
import { temporaryKeys } from '../testing/keys.js'
import { type TestServer, testServer } from '../testing/server.js'

let server: TestServer
let file: KeyFile
let admin: string
const connected = (key?: string) => connect({ url: server.url, ...(key !== undefined && { key }) })

beforeAll(async () => {
  file = temporaryKeys().file
  admin = (await file.create({ name: 'admin', scopes: ['admin'] })).text
  server = await testServer({ keys: file.path })
})
afterAll(() => server.close())

describe('keys over HTTP', () => {
  it('are made, told once, taken at once, listed without a secret, and revoked at once', async () => {
    const client = connected(admin)
    const body = {
      ...{ name: 'gate', scopes: ['read' as const], galleries: ['staff'], rate: 60 },
      expires: '2099-01-01T00:00:00Z',
    }
    const made = await client.POST('/v1/keys', { body })
    expect(made.response.status).toBe(201)
    expect(made.response.headers.get('cache-control')).toBe('no-store')
    const { secret, key } = made.data!
    expect(key).toMatchObject({
      ...{ id: secret.slice(0, 8), name: 'gate', state: 'good', scopes: ['read'] },
      ...{ galleries: ['staff'], scores: true, rate: 60, revoked: null },
      expires: '2099-01-01T00:00:00.000Z',
    })
    const used = () => connected(secret).GET('/v1/galleries')
    expect((await used()).data).toEqual({ galleries: [] })

    const listed = await client.GET('/v1/keys')
    expect(listed.data!.keys).toEqual([expect.objectContaining({ name: 'admin' }), key])
    const text = JSON.stringify(listed.data)
    for (const hidden of [secret, secret.slice(9), 'hash', 'salt', 'scrypt'])
      expect(text).not.toContain(hidden)

    const id = { params: { path: { key: key.id } } }
    const revoked = await client.DELETE('/v1/keys/{key}', id)
    expect(revoked.data).toMatchObject({ id: key.id, state: 'revoked' })
    expect((await used()).response.status).toBe(401)
    expect((await client.GET('/v1/keys')).data!.keys).toHaveLength(2)
    const again = await client.DELETE('/v1/keys/{key}', id)
    expect(again.data!.revoked).toBe(revoked.data!.revoked)
  })

  it('are for who may look after all galleries alone', async () => {
    const some = await file.create({ name: 's', scopes: ['admin'], galleries: ['staff'] })
    const other = await file.create({ name: 'o', scopes: ['read', 'identify', 'enroll', 'delete'] })
    await server.reload()
    const body = { name: 'x', scopes: ['admin' as const] }
    for (const { text } of [some, other]) {
      const client = connected(text)
      const answers = [
        await client.GET('/v1/keys'),
        await client.POST('/v1/keys', { body }),
        await client.DELETE('/v1/keys/{key}', { params: { path: { key: admin.slice(0, 8) } } }),
        await client.GET('/v1/audit'),
        await client.GET('/v1/audit/chains'),
      ]
      for (const { error, response } of answers)
        expect([response.status, error?.code]).toEqual([403, 'SERVER_SCOPE'])
    }
    expect((await connected().POST('/v1/keys', { body })).response.status).toBe(401)
  })

  it.each([
    ['no name', { name: '', scopes: ['read'] }],
    ['no scope', { name: 'x', scopes: [] }],
    ['another scope', { name: 'x', scopes: ['root'] }],
    ['no gallery', { name: 'x', scopes: ['read'], galleries: [] }],
    ['a gallery that cannot be', { name: 'x', scopes: ['read'], galleries: ['../x'] }],
    ['a date that is none', { name: 'x', scopes: ['read'], expires: 'soon' }],
    ['no requests', { name: 'x', scopes: ['read'], rate: 0 }],
    ['something unknown', { name: 'x', scopes: ['read'], secret: 'x' }],
  ])('are refused with %s, and nothing is made', async (_, body) => {
    const before = file.read()
    const { response, error } = await connected(admin).POST('/v1/keys', { body: body as never })
    expect([response.status, error?.code]).toEqual([400, 'SERVER_REQUEST'])
    expect(file.read()).toEqual(before)
  })

  it('say so where there is none of an id', async () => {
    const path = { key: '00000000' }
    const { response, error } = await connected(admin).DELETE('/v1/keys/{key}', {
      params: { path },
    })
    expect([response.status, error?.code]).toEqual([400, 'SERVER_REQUEST'])
  })

  it('are in the audit log, without the secret', async () => {
    const client = connected(admin)
    const made = await client.POST('/v1/keys', { body: { name: 'Ümit', scopes: ['identify'] } })
    const { id } = made.data!.key
    await client.DELETE('/v1/keys/{key}', { params: { path: { key: id } } })
    const { data } = await client.GET('/v1/audit', { params: { query: { operation: '/v1/keys' } } })
    const concerned = data!.lines.filter(({ fields }) => Object(fields.concerns).id === id)
    expect(concerned.map(({ what, key }) => [what, key])).toEqual([
      ['DELETE /v1/keys/:key', admin.slice(0, 8)],
      ['POST /v1/keys', admin.slice(0, 8)],
    ])
    expect(concerned[1]!.fields.concerns).toEqual({
      ...{ id, name: 'Ümit', scopes: ['identify'], galleries: null },
    })
    expect(JSON.stringify(data)).not.toContain(made.data!.secret.slice(9))
  })
})

it('asks everybody for a key from the first on', async () => {
  await using open = await testServer().then((one) => ({
    ...one,
    [Symbol.asyncDispose]: one.close,
  }))
  const client = connect({ url: open.url })
  expect((await client.GET('/v1/keys')).data).toEqual({ keys: [] })
  const made = await client.POST('/v1/keys', { body: { name: 'first', scopes: ['admin'] } })
  expect((await client.GET('/v1/keys')).response.status).toBe(401)
  const { secret } = made.data!
  const found = await connect({ url: open.url, key: secret }).GET('/v1/keys')
  expect(found.data!.keys).toHaveLength(1)
})
