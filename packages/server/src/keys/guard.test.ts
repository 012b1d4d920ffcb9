import cookie from '@fastify/cookie'
import fastify, { type FastifyRequest } from 'fastify'
import { describe, expect, it } from 'vitest'
import { checkConfig } from '../config/load.js'
import { refuseByProblems } from '../http/refusals.js'
import { SCOPES, type Scope } from '../http/route.js'
import { silent, temporaryKeys } from '../testing/keys.js'
import { guard } from './guard.js'
import type { WantedKey } from './key-file.js'
import { Keys } from './keys.js'
import { principalOf } from './principal.js'
import { leaveOutScores } from './scores.js'
import { Sessions } from './sessions.js'

const RESULT = {
  known: true,
  threshold: 0.4,
  person: 'Ada',
  similarity: 0.7,
  faces: [{ embedding: [1], probability: 0.9, box: { x: 1 } }],
}

/** A server with a route for each scope, and one that is public; `keys` are made before it starts. */
async function guarded(config: object, wanted: readonly Omit<WantedKey, 'name'>[]) {
  const made = temporaryKeys()
  const texts: string[] = []
  for (const one of wanted) texts.push((await made.file.create({ name: 'x', ...one })).text)
  const keys = await Keys.open(made.file.path, silent)
  const server = fastify({ trustProxy: ['127.0.0.1'] })
  refuseByProblems(server)
  await server.register(cookie)
  await server.register(guard({ config: checkConfig(config), keys, sessions: new Sessions(keys) }))
  server.addHook('preSerialization', leaveOutScores())
  const answer = async (request: FastifyRequest) => ({
    key: principalOf(request).key?.id ?? null,
    ...RESULT,
  })
  for (const scope of SCOPES)
    server.get(`/v1/${scope}/galleries/:gallery`, { config: { scope } }, answer)
  server.get('/v1/any', { config: { scope: 'identify' } }, answer)
  const keyOf = (request: FastifyRequest) => (request.params as { key: string }).key
  server.get('/api/static/:key', { config: { scope: 'read', keyOf } }, answer)
  server.get('/api/config', { config: { scope: 'public' } }, async () => RESULT)
  server.get('/docs', async () => 'docs')
  const ask = (url: string, headers: Record<string, string> = {}, remoteAddress = '192.0.2.1') =>
    server.inject({ url, headers: { host: 'localhost:8000', ...headers }, remoteAddress })
  const close = async () => {
    await server.close()
    keys.close()
    made[Symbol.dispose]()
  }
  return { server, ask, texts, [Symbol.asyncDispose]: close }
}

const key = (text: string | undefined) => ({ 'x-api-key': text! })

describe('a guarded server', () => {
  it('lets a key do what its scopes say, in its galleries', async () => {
    const wanted = SCOPES.map((scope) => ({ scopes: [scope], galleries: ['staff'] }))
    await using one = await guarded({}, wanted)
    for (const [i, scope] of SCOPES.entries())
      for (const asked of SCOPES)
        for (const gallery of ['staff', 'guests', 'staff%2F', '__proto__']) {
          const answer = await one.ask(`/v1/${asked}/galleries/${gallery}`, key(one.texts[i]))
          const isAllowed = scope === asked && gallery === 'staff'
          expect(answer.statusCode).toBe(isAllowed ? 200 : 403)
          if (!isAllowed) expect(answer.json()).toMatchObject({ code: 'SERVER_SCOPE' })
        }
    const [read] = one.texts
    expect((await one.ask(`/api/static/${read}`)).statusCode).toBe(200)
    expect((await one.ask('/api/static/none', key(read))).statusCode).toBe(401)
  })

  it('takes a key from either header, and no other kind of word', async () => {
    await using one = await guarded({}, [{ scopes: ['identify'] }])
    const [text] = one.texts
    const status = async (headers: Record<string, string>) =>
      (await one.ask('/v1/any', headers)).statusCode
    expect(await status(key(text))).toBe(200)
    expect(await status({ authorization: `Bearer ${text}` })).toBe(200)
    expect(await status({ authorization: `bearer  ${text} ` })).toBe(200)
    for (const headers of [
      {},
      { authorization: text! },
      { authorization: `Basic ${text}` },
      key(''),
      { ...key('x'), authorization: `Bearer ${text}` },
    ])
      expect(await status(headers as Record<string, string>)).toBe(401)
    const answer = await one.ask('/v1/any', key('wrong'))
    expect(answer.json()).toMatchObject({ status: 401, code: 'SERVER_KEY' })
    expect(answer.headers).toMatchObject({
      'www-authenticate': 'Bearer',
      'cache-control': 'no-store',
    })
  })

  it('asks nobody for a key on public routes', async () => {
    await using one = await guarded({}, [{ scopes: ['read'] }])
    for (const url of ['/docs', '/api/config'])
      expect((await one.ask(url, { host: 'example.org' })).statusCode).toBe(200)
    expect((await one.ask('/v1/none')).statusCode).toBe(404)
  })

  it.each(['/v1', '/v1/new', '/api/v1/new', '/api'])(
    'does not start with a route %s that says nothing',
    async (url) => {
      await using one = await guarded({}, [])
      expect(() => one.server.get(url, async () => 'open')).toThrow(/config\.scope/)
    },
  )

  it('hides scores from keys that have none, at any depth', async () => {
    await using one = await guarded({}, [
      { scopes: ['identify'] },
      { scopes: ['identify'], scores: true },
    ])
    const [without, withScores] = one.texts
    const { similarity: _, ...rest } = RESULT
    expect((await one.ask('/v1/any', key(without))).json()).toEqual({
      ...rest,
      key: without!.slice(0, 8),
      faces: [{ box: { x: 1 } }],
    })
    expect((await one.ask('/v1/any', key(withScores))).json()).toMatchObject(RESULT)
    // By asking for one threshold after the other the similarity would be known.
    for (const name of ['threshold', 'far', 'fpir', '%74hreshold']) {
      const asked = `/v1/any?${name}=0.5`
      expect((await one.ask(asked, key(without))).statusCode).toBe(403)
      expect((await one.ask(asked, key(withScores))).statusCode).toBe(200)
    }
  })

  it('counts the requests of a key and of an address', async () => {
    await using one = await guarded({ rates: { key: 3, address: 8 } }, [
      { scopes: ['identify'] },
      { scopes: ['identify'], rate: 1 },
      { scopes: ['identify'] },
    ])
    const ask = async (i: number) => (await one.ask('/v1/any', key(one.texts[i]))).statusCode
    expect([await ask(0), await ask(0), await ask(0), await ask(0)]).toEqual([200, 200, 200, 429])
    expect([await ask(1), await ask(1)]).toEqual([200, 429])
    expect([await ask(2), await ask(2)]).toEqual([200, 200])
    const refused = await one.ask('/docs')
    expect(refused.json()).toMatchObject({ status: 429, code: 'SERVER_RATE' })
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60)
    expect((await one.ask('/docs', {}, '192.0.2.2')).statusCode).toBe(200)
  })

  it('stops who guesses, not those with a proven key beside them', async () => {
    await using one = await guarded({ rates: { guesses: 3 } }, [
      { scopes: ['identify'] },
      { scopes: ['identify'] },
    ])
    const [proven, other] = one.texts
    const ask = async (text: string | undefined, from?: string) =>
      (await one.ask('/v1/any', key(text), from)).statusCode
    expect(await ask(proven, '2001:db8::1')).toBe(200)
    for (const status of [401, 401, 401, 429, 429])
      expect(await ask(proven!.slice(0, 24) + other!.slice(24), '2001:db8::1')).toBe(status)
    // The right one too: whoever guesses learns nothing more.
    const refused = await one.ask('/v1/any', key(other), '2001:db8::2')
    expect(refused.json()).toMatchObject({
      status: 429,
      detail: expect.stringContaining('wrong keys of this address'),
    })
    expect(await ask(proven, '2001:db8::3')).toBe(200)
    expect(await ask(other, '2001:db8:0:1::1')).toBe(200)
  })

  it('takes the word of a proxy that it trusts on an address, of nobody else', async () => {
    await using one = await guarded({ rates: { address: 1 } }, [])
    const ask = async (client: string, from: string) =>
      (await one.ask('/docs', { 'x-forwarded-for': client }, from)).statusCode
    expect([await ask('192.0.2.7', '127.0.0.1'), await ask('192.0.2.8', '127.0.0.1')]).toEqual([
      200, 200,
    ])
    expect(await ask('192.0.2.7', '127.0.0.1')).toBe(429)
    expect([await ask('192.0.2.10', '192.0.2.9'), await ask('192.0.2.11', '192.0.2.9')]).toEqual([
      200, 429,
    ])
  })
})

describe('a guarded server without keys', () => {
  const scope: Scope = 'identify'

  it('answers programs of its machine', async () => {
    await using one = await guarded({}, [])
    for (const host of ['localhost', 'LOCALHOST:1', '127.0.0.1:8000', '127.1.2.3', '[::1]:8000']) {
      const answer = await one.ask(`/v1/${scope}/galleries/staff`, { host })
      expect([host, answer.statusCode]).toEqual([host, 200])
      expect(answer.json()).toMatchObject({ key: null, similarity: 0.7 })
    }
  })

  it('answers no name that was given its address, and no page of another origin', async () => {
    await using one = await guarded({ cors: ['https://desk.example.org'] }, [])
    const ask = async (headers: Record<string, string>, url = '/v1/any') =>
      (await one.ask(url, headers)).statusCode
    for (const host of [
      'evil.example',
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      '10.0.0.1',
      '0.0.0.0',
      'a b',
      'localhost@evil.example',
    ])
      expect([host, await ask({ host })]).toEqual([host, 403])
    const own = { origin: 'http://localhost:8000' }
    expect(await ask(own)).toBe(200)
    expect(await ask({ ...own, 'sec-fetch-site': 'same-origin' })).toBe(200)
    expect(await ask({ 'sec-fetch-site': 'none' })).toBe(200)
    expect(await ask({ origin: 'https://desk.example.org', 'sec-fetch-site': 'cross-site' })).toBe(
      200,
    )
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: 'http://localhost:3000', 'sec-fetch-site': 'same-site' },
      { origin: 'https://localhost:8000' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'new-value' },
    ])
      expect([headers, await ask(headers as Record<string, string>)]).toEqual([headers, 403])
    expect(await ask({ host: 'evil.example' }, '/docs')).toBe(403)
  })
})
