import { request } from 'node:http'
import { face } from '@arcface/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect } from '../client/client.js'
import { noisePhoto, type TestServer, testServer } from '../testing/server.js'

const gallery = 'staff'
let server: TestServer
let client: ReturnType<typeof connect>
beforeAll(async () => {
  server = await testServer({ limits: { personBytes: 20_000 } })
  client = connect({ url: server.url })
  for (const name of [gallery, 'guests']) await client.POST('/v1/galleries', { body: { name } })
  await client.POST('/v1/galleries/{gallery}/people', {
    params: { path: { gallery } },
    body: { name: 'Ada', groups: ['x'], metadata: { born: 1815 } },
  })
})
afterAll(() => server.close())

/** Asks for an address as it is written here: fetch would take steps out of it. */
async function ask(method: string, path: string, body?: string | Uint8Array, type?: string) {
  const answer = await new Promise<{ status: number; type: string; text: string }>(
    (resolve, reject) => {
      const headers = body === undefined ? {} : { 'content-type': type ?? 'application/json' }
      const { hostname, port } = new URL(server.url)
      const asked = request({ method, hostname, port, path, headers }, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk) => {
          text += chunk
        })
        response.on('end', () =>
          resolve({
            status: response.statusCode!,
            type: response.headers['content-type'] ?? '',
            text,
          }),
        )
      })
      asked.on('error', reject)
      asked.end(body)
    },
  )
  const json = answer.text === '' ? undefined : JSON.parse(answer.text)
  if (answer.status >= 400) {
    expect(answer.type).toMatch(/^application\/problem\+json/)
    expect(json.status).toBe(answer.status)
    expect(answer.text).not.toContain(server.folder)
  }
  return { status: answer.status, json, code: json?.code }
}

const add = (body: unknown, to = gallery) =>
  ask('POST', `/v1/galleries/${to}/people`, typeof body === 'string' ? body : JSON.stringify(body))
const everybody = async () =>
  (await client.GET('/v1/galleries/{gallery}/people', { params: { path: { gallery } } })).data
    ?.people

describe('names', () => {
  it.each([
    ['the longest, of three bytes a letter', '語'.repeat(500)],
    ['with a step of an address in it', '../Ada'],
    ['as written in addresses', 'a%2Fb'],
    ['that are an address of ours', 'delete'],
    ['with quotes', `O'Neil "x" \\ `],
  ])('%s are kept and found', async (_, given) => {
    const name = given.trim()
    expect((await add({ name: given }, 'guests')).status).toBe(201)
    const path = `/v1/galleries/guests/people/${encodeURIComponent(name)}`
    expect((await ask('GET', path)).json).toMatchObject({ name, faces: 0 })
    expect((await ask('GET', `${path}/faces`)).json).toEqual({ faces: [], next: null })
    expect((await ask('DELETE', path)).status).toBe(204)
  })

  it('of one look are one: composed or not', async () => {
    const [composed, not] = ['Ren\u00e9', 'Rene\u0301']
    expect((await add({ name: composed }, 'guests')).status).toBe(201)
    expect(await add({ name: not }, 'guests')).toMatchObject({
      status: 409,
      code: 'SERVER_CONFLICT',
    })
    const path = `/v1/galleries/guests/people/${encodeURIComponent(not)}`
    expect((await ask('GET', path)).json).toMatchObject({ name: composed })
    const enrolled = await ask('POST', `${path}/faces`, await noisePhoto(7), 'image/png')
    expect(enrolled).toMatchObject({ status: 201, json: { person: composed } })
    expect((await ask('DELETE', path)).status).toBe(204)
  })

  it.each([
    ['nothing', ''],
    ['spaces', '  '],
    ['too much', 'x'.repeat(501)],
    ['a step', '.'],
    ['a step after the spaces are gone', ' .. '],
    ['a NUL', 'a\0b'],
    ['half a pair', '\ud800'],
    ['what nobody sees', 'Ada\u200b'],
    ['a turn of the direction', 'Ada\u202e'],
    ['two lines', 'a\nb'],
  ])('of %s are refused, wherever they come', async (_, name) => {
    expect(await add({ name })).toMatchObject({ status: 422, code: 'GALLERY_NAME' })
    const renamed = await ask(
      'PATCH',
      `/v1/galleries/${gallery}/people/Ada`,
      JSON.stringify({ name, groups: ['y'], metadata: {} }),
    )
    expect(renamed).toMatchObject({ status: 422, code: 'GALLERY_NAME' })
    expect(await everybody()).toMatchObject([
      { name: 'Ada', groups: ['x'], metadata: { born: 1815 } },
    ])
  })

  it.each([
    [`/v1/galleries/${gallery}/people/..`, 404, 'GALLERY_PERSON'],
    [`/v1/galleries/${gallery}/people/%2e%2e`, 404, 'GALLERY_PERSON'],
    [`/v1/galleries/${gallery}/people/%ED%A0%80`, 400, 'SERVER_REQUEST'],
    [`/v1/galleries/${gallery}/people/%FF`, 400, 'SERVER_REQUEST'],
    [`/v1/galleries/${gallery}/people/${'x'.repeat(9000)}`, 413, 'SERVER_TOO_LARGE'],
    [`/v1/galleries/${gallery}/people/`, 404, 'GALLERY_PERSON'],
    [`/v1/galleries/${gallery}/../${gallery}/people`, 404, 'SERVER_ROUTE'],
    [`/v1/galleries/../people`, 422, 'GALLERY_NAME'],
    [`/v1/galleries/.%00./people`, 422, 'GALLERY_NAME'],
    [`/v1/galleries/${gallery}/faces/..`, 404, 'GALLERY_FACE'],
    [`/v1/galleries/${gallery}/faces/..%2F..%2Fwriter.lock/thumbnail`, 404, 'GALLERY_FACE'],
    [`/v1/galleries/${gallery}/faces/' OR 1=1 --`.replaceAll(' ', '%20'), 404, 'GALLERY_FACE'],
  ])('no address leads elsewhere, case %#', async (path, status, code) => {
    expect(await ask('GET', path)).toMatchObject({ status, code })
  })

  it.each(['..', '../x', '/etc', 'UP', '', 'x'.repeat(64), 's3://b/x', 'a\0', '__proto__', 'ä'])(
    'no gallery is made as %j',
    async (name) => {
      const made = await ask('POST', '/v1/galleries', JSON.stringify({ name }))
      expect(made).toMatchObject({ status: 422, code: 'GALLERY_NAME' })
      expect((await ask('GET', '/v1/galleries')).json).toEqual({ galleries: ['guests', gallery] })
    },
  )
})

describe('descriptions', () => {
  const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`

  it.each([
    ['deeper than 100', `{"name":"B","metadata":${nested(102)}}`, 422, 'GALLERY_METADATA'],
    ['10,000 deep', `{"name":"B","metadata":{"a":${'['.repeat(9000)}${']'.repeat(9000)}}}`, 422],
    ['10,000 deep and no JSON', '['.repeat(10_000), 400, 'SERVER_REQUEST'],
    ['large', `{"name":"B","metadata":{"a":"${'x'.repeat(20_000)}"}}`, 413, 'SERVER_TOO_LARGE'],
    ['of 10 MB', `{"name":"B","metadata":{"a":"${'x'.repeat(1e7)}"}}`, 413, 'SERVER_TOO_LARGE'],
    ['with __proto__', '{"name":"B","metadata":{"__proto__":{"x":1}}}', 400, 'SERVER_REQUEST'],
    ['with __proto__ at the top', '{"name":"B","__proto__":{}}', 400, 'SERVER_REQUEST'],
    ['with a number that is none', '{"name":"B","metadata":{"a":1e999}}', 422],
    ['that are a list', '{"name":"B","metadata":[]}', 400, 'SERVER_REQUEST'],
    ['with an unknown key', '{"name":"B","age":3}', 400, 'SERVER_REQUEST'],
    ['with a group that is none', '{"name":"B","groups":["\\u0000"]}', 422, 'GALLERY_NAME'],
    ['that are a text', '"B"', 400, 'SERVER_REQUEST'],
    ['that are nothing', 'null', 400, 'SERVER_REQUEST'],
    ['that were cut', '{"name":"B', 400, 'SERVER_REQUEST'],
  ])('%s are refused', async (_, body, status, code = 'GALLERY_METADATA') => {
    expect(await add(body)).toMatchObject({ status, code })
    expect(await everybody()).toMatchObject([{ name: 'Ada' }])
  })

  it('change whole or not at all', async () => {
    await add({ name: 'Bob' })
    const change = (body: object) =>
      ask('PATCH', `/v1/galleries/${gallery}/people/Ada`, JSON.stringify(body))
    for (const wrong of [
      { name: 'Bob', groups: ['y'] },
      { name: 'Cleo', metadata: { a: [[]], b: JSON.parse(nested(102)) } },
      { name: 'Cleo', groups: [''] },
    ])
      expect((await change(wrong)).status).toBeGreaterThanOrEqual(409)
    expect(await everybody()).toMatchObject([
      { name: 'Ada', groups: ['x'], metadata: { born: 1815 } },
      { name: 'Bob' },
    ])
    expect((await ask('DELETE', `/v1/galleries/${gallery}/people/Bob`)).status).toBe(204)
  })
})

describe('faces', () => {
  const enroll = async (query: string) =>
    ask('POST', `/v1/galleries/guests/people/Ada/faces?${query}`, await noisePhoto(1), 'image/png')

  it.each(['..', 'a/b', '%00', 'x'.repeat(65), ''])('are not called %j', async (id) => {
    expect(await enroll(`id=${id}`)).toMatchObject({ status: 400, code: 'GALLERY_USE' })
  })

  it('have the ids that are chosen for them, each one face', async () => {
    expect((await enroll('id=ada-1')).json.faces).toMatchObject([{ id: 'ada-1', added: true }])
    expect((await enroll('id=ada-2')).json.faces).toMatchObject([{ id: 'ada-1', added: false }])
    const body = { embeddings: [1, 2].map((i) => Array.from(face(128, i))), ids: ['b-1', 'b-2'] }
    const path = '/v1/galleries/guests/people/Bob/embeddings'
    expect((await ask('POST', path, JSON.stringify(body))).json.faces).toEqual([
      { id: 'b-1', added: true },
      { id: 'b-2', added: true },
    ])
    for (const ids of [['b-3'], ['ada-1', 'b-4'], ['..', 'b-5'], ['b-6', 'b-6']]) {
      const others = { embeddings: [3, 4].map((i) => Array.from(face(128, i))), ids }
      expect((await ask('POST', path, JSON.stringify(others))).status).toBe(400)
    }
    expect((await ask('GET', '/v1/galleries/guests/people/Bob')).json).toMatchObject({ faces: 2 })
  })

  it('come by no more photographs than a request may bring, in whatever body', async () => {
    const path = '/v1/galleries/guests/people/Ada/faces'
    const parts = Array.from(
      { length: 10_000 },
      () => '--b\r\ncontent-disposition: form-data; name="photo"; filename="x"\r\n\r\nx\r\n',
    )
    for (const answer of [
      await ask('POST', path, `${parts.join('')}--b--\r\n`, 'multipart/form-data; boundary=b'),
      await ask('POST', path, JSON.stringify({ photos: new Array(10_000).fill('eA==') })),
    ])
      expect(answer).toMatchObject({ status: 413, code: 'SERVER_TOO_LARGE' })
    const embeddings = new Array(257).fill(Array.from(face(128, 9)))
    const many = await ask(
      'POST',
      '/v1/galleries/guests/people/Ada/embeddings',
      JSON.stringify({ embeddings }),
    )
    expect(many).toMatchObject({ status: 400, code: 'SERVER_REQUEST' })
    expect((await ask('GET', '/v1/galleries/guests/people/Ada')).json).toMatchObject({ faces: 1 })
  })

  it.each([
    'limit=0',
    'limit=1001',
    'limit=x',
    'limit=1&limit=2',
    'limit=1.5',
    'limit=-1',
    'order=1',
    '__proto__=1',
  ])('are not listed by ?%s', async (query) => {
    for (const what of ['people', 'people/Ada/faces'])
      expect(await ask('GET', `/v1/galleries/${gallery}/${what}?${query}`)).toMatchObject({
        status: 400,
        code: 'SERVER_REQUEST',
      })
  })

  it.each([
    ['faces/move', { ids: ['b-1'], to: 'Nobody' }, 404, 'GALLERY_PERSON'],
    ['faces/move', { ids: ['b-1', 'none'], to: 'Ada' }, 404, 'GALLERY_FACE'],
    ['faces/move', { ids: [], to: 'Ada' }, 400, 'SERVER_REQUEST'],
    ['faces/delete', { ids: [7] }, 400, 'SERVER_REQUEST'],
    ['faces/delete', { ids: new Array(10_001).fill('x') }, 400, 'SERVER_REQUEST'],
    ['people/delete', { names: [] }, 400, 'SERVER_REQUEST'],
    ['people/delete', { names: ['Bob', 'Nobody'] }, 404, 'GALLERY_PERSON'],
    ['people/Bob/merge', { into: 'Bob' }, 409, 'GALLERY_PERSON_EXISTS'],
    ['people/Bob/merge', { into: 'Nobody' }, 404, 'GALLERY_PERSON'],
    ['search', { embeddings: [['1']] }, 400, 'SERVER_REQUEST'],
  ])('%s are not changed by it, case %#', async (what, body, status, code) => {
    const asked = await ask('POST', `/v1/galleries/guests/${what}`, JSON.stringify(body))
    expect(asked).toMatchObject({ status, code })
    expect((await ask('GET', '/v1/galleries/guests/people/Bob')).json).toMatchObject({ faces: 2 })
  })
})
