import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RawAnswer, sendRaw } from '../testing/raw.js'
import { type TestServer, testServer } from '../testing/server.js'

let server: TestServer
beforeAll(async () => {
  server = await testServer({ limits: { headersSeconds: 1 } })
  await fetch(`${server.url}/v1/galleries`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"name":"staff"}',
  })
})
afterAll(() => server.close())

const head = (...lines: string[]) => `${lines.join('\r\n')}\r\n\r\n`
const get = (path: string, ...headers: string[]) =>
  head(`GET ${path} HTTP/1.1`, 'Host: localhost', 'Connection: close', ...headers)
const post = (body: string, ...headers: string[]) =>
  `${head('POST /v1/galleries HTTP/1.1', 'Host: localhost', 'Connection: close', 'Content-Type: application/json', ...headers)}${body}`
const length = (body: string) => `Content-Length: ${body.length}`

function expectProblem(answer: RawAnswer, status: number, code: string) {
  expect([answer.status, answer.body]).toEqual([status, expect.stringContaining(code)])
  expect(answer.head).toMatch(/^content-type: application\/problem\+json/im)
  const problem = JSON.parse(answer.body)
  expect(problem).toMatchObject({ status, code })
  expect(answer.body).not.toMatch(/\bat .*\.js|node_modules|\/work\/|\/tmp\//)
  return problem
}

describe('what is no request', () => {
  it.each<[string, string, number, string]>([
    ['a greeting of TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400, 'SERVER_REQUEST'],
    ['much of nothing', 'x'.repeat(100_000), 400, 'SERVER_REQUEST'],
    ['HTTP/0.9', 'GET /v1/model\r\n', 408, 'SERVER_TIMEOUT'],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'SERVER_REQUEST'],
    ['HTTP/3.0', head('GET / HTTP/3.0', 'Host: localhost'), 400, 'SERVER_REQUEST'],
    ['silence', '', 408, 'SERVER_TIMEOUT'],
    [
      'a method of nobody',
      head('BREW /v1/model HTTP/1.1', 'Host: localhost'),
      400,
      'SERVER_REQUEST',
    ],
    ['a proxy', head('CONNECT x.example:443 HTTP/1.1', 'Host: localhost'), 405, 'SERVER_METHOD'],
    ['a NUL in the address', get('/v1/\0model'), 400, 'SERVER_REQUEST'],
    ['a NUL in a header', get('/v1/model', 'X-A: a\0b'), 400, 'SERVER_REQUEST'],
    ['a header in two lines', get('/v1/model', 'X-A: a\r\n b'), 400, 'SERVER_REQUEST'],
    ['an address of bytes', get('/v1/galleries/\xc3\xa4'), 400, 'SERVER_REQUEST'],
    ['ends of lines of Unix', get('/v1/model').replaceAll('\r', ''), 400, 'SERVER_REQUEST'],
    ['no host', head('GET /v1/model HTTP/1.1', 'Connection: close'), 400, 'SERVER_REQUEST'],
    ['two hosts', get('/v1/model', 'Host: x.example'), 400, 'SERVER_REQUEST'],
    ['an endless address', get(`/v1/${'x'.repeat(1e6)}`), 413, 'SERVER_TOO_LARGE'],
    ['an endless query', get(`/v1/model?${'x'.repeat(1e6)}`), 413, 'SERVER_TOO_LARGE'],
    ['an endless header', get('/v1/model', `X-A: ${'x'.repeat(1e5)}`), 413, 'SERVER_TOO_LARGE'],
  ])('%s is answered by a problem, and the connection ended', async (_, bytes, status, code) => {
    const answer = await sendRaw(server.url, bytes)
    const { detail } = expectProblem(answer, status, code)
    expect(detail).not.toMatch(/Parse Error|HPE_|x\.example/)
  })
})

it('lets go of who is refused and stays', async () => {
  const { status } = await sendRaw(server.url, 'x\r\n\r\n', true)
  expect(status).toBe(400)
})

describe('a body that says two things about its end', () => {
  const hidden = `2e\r\n${get('/v1/model')}`
  const chunked = 'Transfer-Encoding: chunked'

  it.each<[string, string]>([
    ['two kinds of length', post(hidden, 'Content-Length: 4', chunked)],
    ['two kinds, the other first', post(hidden, chunked, 'Content-Length: 4')],
    ['two lengths', post('{}', 'Content-Length: 2', 'Content-Length: 40')],
    ['one length twice', post('{}', 'Content-Length: 2', 'Content-Length: 2')],
    ['lengths in a list', post('{}', 'Content-Length: 2, 2')],
    ['less than nothing', post('{}', 'Content-Length: -2')],
    ['a sign', post('{}', 'Content-Length: +2')],
    ['sixteen', post('{}', 'Content-Length: 0x2')],
    ['more than a number', post('{}', `Content-Length: ${'9'.repeat(30)}`)],
    ['an encoding of nobody', post('0\r\n\r\n', 'Transfer-Encoding: xchunked')],
    ['chunks and more', post('0\r\n\r\n', chunked, 'Transfer-Encoding: identity')],
    ['a space before the colon', post('0\r\n\r\n', 'Transfer-Encoding : chunked')],
    ['a chunk of no length', post('zz\r\n{}\r\n0\r\n\r\n', chunked)],
    ['a chunk longer than it says', post('2\r\n{"name":"x"}\r\n0\r\n\r\n', chunked)],
  ])('%s is refused, and nothing in it is a request', async (_, bytes) => {
    const answer = await sendRaw(server.url, bytes)
    expectProblem(answer, 400, 'SERVER_REQUEST')
    expect(answer.text.match(/HTTP\/1\.1 /g)).toHaveLength(1)
  })

  it('has no more than it says: the rest is no request, and nothing is done with it', async () => {
    const made = post('{"name":"smuggled"}', 'Content-Length: 2').replace(
      'Connection: close\r\n',
      '',
    )
    const { text } = await sendRaw(server.url, made)
    const statuses = [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)
    expect(statuses.at(-1)).toBe('400')
    expect(await (await fetch(`${server.url}/v1/galleries`)).json()).toEqual({
      galleries: ['staff'],
    })
  })

  it('is not taken before it is whole', async () => {
    const body = '{"name":"half"}'
    const { port } = new URL(server.url)
    const socket = connect(Number(port), 'localhost')
    socket.end(post(body, `Content-Length: ${body.length + 1}`))
    await once(socket.resume(), 'close')
    expect(await (await fetch(`${server.url}/v1/galleries`)).json()).toEqual({
      galleries: ['staff'],
    })
  })
})

const CODES: Record<number, string> = {
  400: 'SERVER_REQUEST',
  404: 'SERVER_ROUTE',
  415: 'SERVER_TYPE',
}

describe('a request that is odd', () => {
  it.each<[string, string, number, string]>([
    ['bytes that are no text', post('{"name":"\xff"}', length('{"name":"\xff"}')), 400, 'UTF-8'],
    ['compressed', post('{}', length('{}'), 'Content-Encoding: gzip'), 415, 'compressed'],
    [
      'a type that is none',
      post('{}', length('{}')).replace('application/json', ';;=='),
      415,
      'type',
    ],
    ['nothing in it', post('', 'Content-Length: 0'), 400, 'empty'],
    ['an address half encoded', get('/v1/galleries/%zz'), 400, 'percent-encoded'],
    ['ways up', get('/docs/static/../../../../etc/passwd'), 404, 'nothing lies there'],
    ['ways up, encoded', get('/docs/static/..%2f..%2f..%2fetc/passwd'), 404, 'nothing lies there'],
    ['ways up, doubly', get('/docs/static/%2e%2e/%2e%2e/package.json'), 404, 'nothing lies there'],
    ['a file that is not there', get('/docs/static/none.js'), 404, 'nothing lies there'],
    ['what every object has', get('/__proto__'), 404, 'nothing lies there'],
    ['two slashes', get('//v1/model'), 404, 'nothing lies there'],
    [
      'an option half known',
      get('/v1/galleries/staff/people?limt=3'),
      400,
      'query: unknown key limt; did you mean limit?',
    ],
    [
      'an option where there is none',
      get('/v1/model?limit=3'),
      400,
      'query: unknown key limit; none is known here',
    ],
    [
      'many options',
      get(
        `/v1/galleries/staff/people?${Array.from({ length: 900 }, (_, i) => `o${i}=1`).join('&')}`,
      ),
      400,
      'unknown key o0',
    ],
    [
      'a long option',
      get(`/v1/galleries/staff/people?${'x'.repeat(9000)}=1`),
      400,
      'unknown key xxx',
    ],
    [
      'brackets',
      get('/v1/galleries/staff/people?limit[a]=1&after[]=2'),
      400,
      'unknown key limit[a]',
    ],
  ])('%s is told what is wrong with it', async (_, bytes, status, detail) => {
    const answer = await sendRaw(server.url, bytes)
    const problem = expectProblem(answer, status, CODES[status]!)
    expect(problem.detail).toContain(detail)
    expect(problem.detail.length).toBeLessThan(1000)
  })

  it('may expect what nobody knows', async () => {
    const answer = await sendRaw(server.url, get('/health', 'Expect: the-best'))
    expect(answer.status).toBe(200)
  })
})
