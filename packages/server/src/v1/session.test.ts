import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { KeyFile } from '../keys/key-file.js'
import { temporaryKeys } from '../testing/keys.js'
import { type TestServer, testServer } from '../testing/server.js'

let server: TestServer
let text: string
let file: KeyFile
let id: string

beforeAll(async () => {
  const made = temporaryKeys()
  file = made.file
  const created = await file.create({ name: 'Ada’s', scopes: ['read', 'enroll'] })
  text = created.text
  id = text.slice(0, 8)
  server = await testServer({ keys: made.file.path })
})
afterAll(() => server.close())

const ask = (method: string, path: string, headers: Record<string, string> = {}, body?: unknown) =>
  fetch(`${server.url}${path}`, {
    method,
    headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })

async function signIn() {
  const answer = await ask('POST', '/v1/session', { 'x-api-key': text })
  const [cookie] = answer.headers.getSetCookie()
  const told = (await answer.json()) as { csrf: string; key: { name: string } }
  return { answer, told, set: cookie!, cookie: cookie!.split(';')[0]! }
}
const code = async (answer: Response) => ((await answer.json()) as { code: string }).code

describe('a session', () => {
  it('begins with a key, and is kept by a cookie that no script and no other page has', async () => {
    const { answer, told, set } = await signIn()
    expect(answer.status).toBe(200)
    expect(told).toMatchObject({
      needed: true,
      key: { id, name: 'Ada’s', scopes: ['read', 'enroll'] },
    })
    expect(set).toMatch(/^arcface=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/)
    expect(set).not.toContain(told.csrf)
  })

  it('ends what is followed with its key', async () => {
    const short = await file.create({ name: 'Guest', scopes: ['admin'] })
    mkdirSync(join(server.folder, 'workspace/run/checkpoints'), { recursive: true })
    const metrics = join(server.folder, 'workspace/run/metrics.jsonl')
    writeFileSync(join(server.folder, 'workspace/run/config.yaml'), 'seed: 1')
    writeFileSync(metrics, '')
    await expect
      .poll(async () => (await ask('GET', '/v1/runs', { 'x-api-key': short.text })).status)
      .toBe(200)
    const answer = await ask('GET', '/v1/runs/events?run=run', { 'x-api-key': short.text })
    const heard = answer.text()
    await file.revoke(short.key.id)
    await expect
      .poll(async () => (await ask('GET', '/v1/runs', { 'x-api-key': short.text })).status)
      .toBe(401)
    appendFileSync(metrics, '{"step":1,"loss":77}\n')
    expect(await heard).not.toContain('77')
  })

  it('begins with no wrong key, and with no session', async () => {
    const { cookie } = await signIn()
    const wrong = '11111111-1111-4111-8111-111111111111'
    for (const headers of [{}, { 'x-api-key': wrong }]) {
      const answer = await ask('POST', '/v1/session', headers)
      expect([answer.status, answer.headers.getSetCookie()]).toEqual([401, []])
    }
    // By cookie one is signed in already: a token is needed as for whatever changes something.
    expect(await code(await ask('POST', '/v1/session', { cookie }))).toBe('SERVER_TOKEN')
  })

  it('is told by its cookie', async () => {
    const { cookie, told } = await signIn()
    expect(await (await ask('GET', '/v1/session', { cookie })).json()).toEqual(told)
    const none = { needed: true, key: null, csrf: null }
    for (const headers of [{}, { cookie: `${cookie}x` }, { cookie: `other=1` }])
      expect(await (await ask('GET', '/v1/session', headers)).json()).toEqual(none)
  })

  it('reads by cookie alone, and changes with its token alone', async () => {
    const { cookie, told } = await signIn()
    expect((await ask('GET', '/v1/galleries', { cookie })).status).toBe(200)
    const other = (await signIn()).told.csrf
    const make = (headers: Record<string, string>) =>
      ask('POST', '/v1/galleries', { cookie, ...headers }, { name: 'doors' })
    for (const headers of [
      {},
      { 'x-csrf': other },
      { 'x-csrf': told.csrf, origin: 'https://elsewhere.example' },
      { 'x-csrf': told.csrf, origin: 'null' },
      { 'x-csrf': told.csrf, 'sec-fetch-site': 'same-site' },
    ]) {
      const answer = await make(headers)
      expect([answer.status, await code(answer)]).toEqual([403, 'SERVER_TOKEN'])
    }
    const { origin } = new URL(server.url)
    expect((await make({ 'x-csrf': told.csrf, origin })).status).toBe(403) // which the scope refuses
    expect(await code(await make({ 'x-csrf': told.csrf, origin }))).toBe('SERVER_SCOPE')
  })

  it('is not taken where a key is given, nor by CompreFace’s clients', async () => {
    const { cookie } = await signIn()
    const wrong = { cookie, 'x-api-key': '11111111-1111-4111-8111-111111111111' }
    expect((await ask('GET', '/v1/galleries', wrong)).status).toBe(401)
    expect((await ask('GET', '/api/v1/recognition/subjects', { cookie })).status).not.toBe(200)
  })

  it('ends by its page alone', async () => {
    const { cookie, told } = await signIn()
    expect((await ask('DELETE', '/v1/session', { cookie })).status).toBe(403)
    const ended = await ask('DELETE', '/v1/session', { cookie, 'x-csrf': told.csrf })
    expect(ended.status).toBe(200)
    expect(ended.headers.getSetCookie()[0]).toMatch(/^arcface=; /)
    expect((await ask('GET', '/v1/galleries', { cookie })).status).toBe(401)
  })

  it('ends when its key is revoked', async () => {
    const { cookie } = await signIn()
    await file.revoke(id)
    await server.reload()
    expect((await ask('GET', '/v1/galleries', { cookie })).status).toBe(401)
  })
})

it('is not needed on a server without keys', async () => {
  const open = await testServer()
  try {
    const answer = await fetch(`${open.url}/v1/session`)
    expect(await answer.json()).toEqual({ needed: false, key: null, csrf: null })
  } finally {
    await open.close()
  }
})
