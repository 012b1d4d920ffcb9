import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ComprefaceClient, comprefaceClient } from '../testing/compreface.js'
import { noisePhoto, type TestServer, testServer } from '../testing/server.js'
import { BODY_BYTES, FILE_BYTES } from './bodies.js'

// What clients send by mistake or on purpose: each gets an answer of CompreFace's kind, and the server goes on.

let server: TestServer
let client: ComprefaceClient
let photo: Buffer
beforeAll(async () => {
  server = await testServer({})
  client = comprefaceClient(server.url)
  photo = await noisePhoto(4)
})
afterAll(async () => {
  expect((await client.get('/config')).status).toBe(200)
  await server.close()
})

const other = (detail: RegExp) => ({
  status: 400,
  body: {
    ...{ code: 0, message: 'Something went wrong, please try again' },
    detail: expect.stringMatching(detail),
  },
})

describe('a body', () => {
  const JSON_TYPE = { 'content-type': 'application/json' }
  const routes = [
    '/recognition/subjects',
    '/recognition/recognize',
    '/recognition/faces?subject=x',
    '/recognition/faces/delete',
    '/verification/verify',
    '/recognition/embeddings/recognize',
    '/verification/embeddings/verify',
  ]

  it.each(routes)('of %s as deep as nobody writes is read, and refused', async (path) => {
    for (const deep of [
      `${'['.repeat(10_000)}${']'.repeat(10_000)}`,
      `${'{"subject":'.repeat(10_000)}1${'}'.repeat(10_000)}`,
      `${'{"embeddings":[['.repeat(5000)}${']]}'.repeat(5000)}`,
    ])
      expect((await client.send('POST', path, deep, JSON_TYPE)).status).toBe(400)
  })

  it.each(routes)('of %s changes no prototype', async (path) => {
    const body =
      '{"__proto__":{"subject":"x","file":"AAAA"},"constructor":{"prototype":{"polluted":1}}}'
    expect((await client.send('POST', path, body, JSON_TYPE)).status).toBe(400)
    expect(({} as { polluted?: unknown; subject?: unknown }).polluted).toBeUndefined()
    expect(({} as { subject?: unknown }).subject).toBeUndefined()
  })

  it('takes a file of 5 MB, and no more', async () => {
    // What follows a PNG's end is passed over.
    const padded = (bytes: number) => Buffer.concat([photo, Buffer.alloc(bytes - photo.length)])
    const ask = (file: Buffer) => client.form('/detection/detect', { file })
    expect((await ask(padded(FILE_BYTES))).status).toBe(200)
    expect(await ask(padded(FILE_BYTES + 1))).toMatchObject(
      other(/^a file has more than 5242880 bytes$/),
    )
  })

  it.each(['multipart/form-data; boundary=x', 'application/json'])(
    'of %s that is announced larger than 10 MB is refused before it is read',
    async (type) => {
      const { port, hostname } = new URL(server.url)
      const answer = await new Promise<string>((resolve, reject) => {
        const socket = connect(Number(port), hostname, () =>
          socket.write(
            [
              'POST /api/v1/recognition/recognize HTTP/1.1',
              `Host: ${hostname}`,
              `X-Api-Key: ${client.key}`,
              `Content-Type: ${type}`,
              `Content-Length: ${BODY_BYTES + 1}`,
              ...['', '--x'],
            ].join('\r\n'),
          ),
        )
        let text = ''
        socket.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk
          if (text.includes('"code"')) socket.destroy()
        })
        socket.on('close', () => resolve(text)).on('error', reject)
      })
      expect(answer).toMatch(/^HTTP\/1\.1 400 /)
      expect(answer).toMatch(/"code":0/)
    },
  )

  it('that is cut short, of no parts, of no boundary or of 10,000 parts is refused', async () => {
    const part = (name: string, content = 'x', file = '; filename="a.png"') =>
      `--b\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n${content}\r\n`
    const form = { 'content-type': 'multipart/form-data; boundary=b' }
    const send = (body: string, headers = form) =>
      client.send('POST', '/recognition/recognize', body, headers)
    for (const body of [part('file'), part('file').slice(0, 40), '--b', 'no form at all'])
      expect(await send(body)).toMatchObject({ status: 400, body: { code: 0 } })
    expect(await send('--b--\r\n')).toMatchObject({ status: 400, body: { code: 34 } })
    expect(await send('x', { 'content-type': 'multipart/form-data' })).toMatchObject({
      status: 400,
      body: { code: 0 },
    })
    for (const file of ['', '; filename="a.png"'])
      expect(await send(`${part('p', 'x', file).repeat(10_000)}--b--\r\n`)).toMatchObject({
        status: 400,
        body: { code: 0 },
      })
    expect(await send(`${part('file', 'x'.repeat(20_000), '')}--b--\r\n`)).toMatchObject({
      status: 400,
    })
    for (const name of ['__proto__', 'constructor', 'toString'])
      expect(await send(`${part(name)}--b--\r\n`)).toMatchObject({ status: 400 })
  })

  it('whose parts come twice is read by the first', async () => {
    const form = new FormData()
    form.append('file', new Blob([new Uint8Array(photo)]), 'a.png')
    form.append('file', new Blob(['no picture']), 'b.txt')
    form.append('file2', new Blob(['another']), 'c.jpg')
    expect((await client.send('POST', '/detection/detect', form)).status).toBe(200)
  })
})

describe('a name', () => {
  it.each([
    '__proto__',
    'constructor',
    "' OR 1=1 --",
    '" DROP TABLE people',
    '....etc.passwd',
    '%2e%2e',
    'a?b&c=d#e',
    'Ａｄａ',
    'ﷺ',
    'مرحبا',
    'नमस्ते',
    '👩‍👩‍👧',
    'İstanbul',
    'Å'.normalize('NFD'),
    '\ud800\udc00',
    '<script>alert(1)<script>',
    '{{7*7}}',
    'null',
    '0',
  ])('%j is made, found, given a face, renamed and deleted', async (subject) => {
    const path = encodeURIComponent(subject)
    expect(await client.json('/recognition/subjects', { subject })).toEqual({
      status: 201,
      body: { subject },
    })
    const added = await client.form(`/recognition/faces?subject=${path}`, { file: photo })
    expect(added).toMatchObject({ status: 201, body: { subject } })
    const written = subject.normalize('NFC')
    expect((await client.get(`/recognition/faces?subject=${path}`)).body).toMatchObject({
      faces: [{ subject: written }],
    })
    const renamed = await client.json(
      `/recognition/subjects/${path}`,
      { subject: `${subject}!`.slice(0, 50) },
      'PUT',
    )
    expect(renamed.body).toEqual({ updated: true })
    const gone = await client.delete(`/recognition/subjects/${path}!`)
    expect(gone.body).toEqual({ subject: `${written}!` })
    expect((await client.get('/recognition/subjects')).body).toEqual({ subjects: [] })
  })

  it.each(['Ada\u0000', '\u202e', '\ud800', 'a\u200bb', '\u0007'])(
    '%j, which nobody could tell from another, is 36',
    async (subject) => {
      const refusal = { status: 400, body: { code: 36 } }
      expect(await client.json('/recognition/subjects', { subject })).toMatchObject(refusal)
      // Half a pair has no form in an address.
      if (subject === '\ud800') return
      const path = `/recognition/faces?subject=${encodeURIComponent(subject)}`
      expect(await client.form(path, { file: photo })).toMatchObject(refusal)
    },
  )
})

describe('an address', () => {
  it.each([
    '/recognition/subjects/%zz',
    '/recognition/subjects/%c0%ae%c0%ae',
    `/recognition/subjects/${'x'.repeat(5000)}`,
    '/recognition/subjects/..%2f..%2f..%2fetc%2fpasswd',
    '/recognition/faces/..%2f..%2fimg',
    '/recognition/faces/%00',
  ])('as %s is refused as CompreFace refuses', async (path) => {
    const { status, body } = await client.delete<{ code: number; message: string }>(path)
    expect([400, 404]).toContain(status)
    expect(body).toMatchObject({ code: expect.any(Number), message: expect.any(String) })
  })

  it('with a query that is none is read as far as it goes', async () => {
    for (const query of [
      '?%',
      '?=&&==',
      `?${'a=1&'.repeat(1000)}`,
      '?page=1e9',
      '?page=2147483647',
    ])
      expect((await client.get(`/recognition/faces${query}`)).status).toBe(200)
  })
})
