import { readdirSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { face } from '@arcface/testing'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { connect } from '../client/client.js'
import { type TestServer, testServer } from '../testing/server.js'

let server: TestServer
let client: ReturnType<typeof connect>
beforeAll(async () => {
  server = await testServer()
  client = connect({ url: server.url })
  for (const name of ['from', 'to', 'large']) await client.POST('/v1/galleries', { body: { name } })
  for (const person of ['Ada', 'עדה'])
    await client.POST('/v1/galleries/{gallery}/people/{person}/embeddings', {
      params: { path: { gallery: 'from', person } },
      body: {
        embeddings: [1, 2].map((i) => Array.from(face(128, i + person.length))),
        groups: ['x'],
      },
    })
})
afterAll(() => server.close())

const address = (gallery: string, what: string, format: string) =>
  `${server.url}/v1/galleries/${gallery}/${what}?format=${format}`
const people = async (gallery: string) =>
  (await client.GET('/v1/galleries/{gallery}/people', { params: { path: { gallery } } })).data
    ?.people

describe.each(['jsonl', 'parquet'])('a gallery as %s', (format) => {
  it('goes out whole, and in again once', async () => {
    const exported = await fetch(address('from', 'export', format))
    const bytes = new Uint8Array(await exported.arrayBuffer())
    expect(Number(exported.headers.get('content-length'))).toBe(bytes.length)
    const name = `copy-${format}`
    await client.POST('/v1/galleries', { body: { name } })
    for (const added of [4, 0]) {
      const body = new Blob([bytes])
      const answer = await fetch(address(name, 'import', format), { method: 'POST', body })
      expect(await answer.json()).toEqual({ added })
    }
    expect(await people(name)).toEqual(await people('from'))
    expect(readdirSync(join(server.folder, 'temporary'))).toEqual([])
  })

  it.each([
    ['cut', (bytes: Uint8Array) => bytes.slice(0, bytes.length - 100)],
    ['garbage', () => new TextEncoder().encode('no gallery')],
  ])('is refused where it is %s, and nothing of it stays', async (_, damage) => {
    const exported = await fetch(address('from', 'export', format))
    const bytes = damage(new Uint8Array(await exported.arrayBuffer()))
    const answer = await fetch(address('to', 'import', format), {
      method: 'POST',
      body: new Blob([bytes as Uint8Array<ArrayBuffer>]),
    })
    expect(answer.headers.get('content-type')).toMatch(/problem/)
    const problem = await answer.json()
    expect([answer.status, problem]).toMatchObject([422, { code: 'GALLERY_FORMAT' }])
    expect(JSON.stringify(problem)).not.toContain(server.folder)
    expect(await people('to')).toEqual([])
    expect(readdirSync(join(server.folder, 'temporary'))).toEqual([])
  })
})

it('leaves nothing behind where the client goes before it has read it', async () => {
  for (let i = 0; i < 20; i++)
    await client.POST('/v1/galleries/{gallery}/people/{person}/embeddings', {
      params: { path: { gallery: 'large', person: `p${i}` } },
      body: {
        embeddings: Array.from({ length: 250 }, (_, k) => Array.from(face(128, 250 * i + k))),
      },
    })
  const temporary = join(server.folder, 'temporary')
  const stop = new AbortController()
  const answer = await fetch(address('large', 'export', 'jsonl'), { signal: stop.signal })
  expect(Number(answer.headers.get('content-length'))).toBeGreaterThan(5e6)
  expect(readdirSync(temporary)).toHaveLength(1)
  await answer.body!.getReader().read()
  stop.abort()
  await vi.waitFor(() => expect(readdirSync(temporary)).toEqual([]), { timeout: 10_000 })
})

it('is refused whole where one row of many is wrong', async () => {
  const lines = (await (await fetch(address('from', 'export', 'jsonl'))).text())
    .trimEnd()
    .split('\n')
  const [header, row] = lines.map((line) => JSON.parse(line))
  const many = Array.from({ length: 2500 }, (_, i) => ({ ...row, id: `${i}`, person: `p${i}` }))
  many.push({ ...row, person: 'x'.repeat(501) })
  header.gallery.rows = many.length
  const answer = await fetch(address('to', 'import', 'jsonl'), {
    method: 'POST',
    body: new Blob([[header, ...many].map((one) => `${JSON.stringify(one)}\n`).join('')]),
  })
  expect([answer.status, await answer.json()]).toMatchObject([422, { code: 'GALLERY_NAME' }])
  expect(await people('to')).toEqual([])
})

it('takes no file that is larger than it may be', async () => {
  const small = await testServer({ limits: { uploadBytes: 1000 } })
  await connect({ url: small.url }).POST('/v1/galleries', { body: { name: 'to' } })
  const answer = await fetch(`${small.url}/v1/galleries/to/import`, {
    method: 'POST',
    body: new Blob([new Uint8Array(1_000_000)]),
  })
  expect([answer.status, await answer.json()]).toMatchObject([413, { code: 'SERVER_TOO_LARGE' }])
  await small.close()
})

it('leaves half of the room for others, however slowly the files of one come', async () => {
  const small = await testServer({ load: { uploads: 4 } })
  await connect({ url: small.url }).POST('/v1/galleries', { body: { name: 'to' } })
  const url = `${small.url}/v1/galleries/to/import`
  const slow = Array.from({ length: 2 }, () => {
    const sent = request(url, { method: 'POST', headers: { 'content-length': 10_000 } })
    sent.on('error', () => {})
    sent.write('slow')
    return sent
  })
  await expect
    .poll(async () => {
      const answer = await fetch(url, { method: 'POST', body: new Blob(['none']) })
      return [answer.status, ((await answer.json()) as { code: string }).code]
    })
    .toEqual([429, 'SERVER_RATE'])
  for (const one of slow) one.destroy()
  await small.close()
})
