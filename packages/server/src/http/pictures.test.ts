import { crc32, deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect } from '../client/client.js'
import { noisePhoto, type TestServer, testServer } from '../testing/server.js'

const limits = { photoBytes: 200_000, bodyBytes: 500_000, pixels: 1_000_000 }
let server: TestServer
let photo: Buffer
beforeAll(async () => {
  photo = await noisePhoto(1)
  server = await testServer({ limits })
  await connect({ url: server.url }).POST('/v1/galleries', { body: { name: 'staff' } })
})
afterAll(() => server.close())

async function send(
  body: string | Uint8Array,
  type: string,
  path = '/v1/detect',
): Promise<{ status: number; code?: string; detail?: string; photos?: { name: string }[] }> {
  const headers = { 'content-type': type }
  const answer = await fetch(server.url + path, {
    method: 'POST',
    body: new Uint8Array(Buffer.from(body)),
    headers,
  })
  const text = await answer.text()
  expect(text).not.toMatch(/Cannot read|undefined|node_modules|vips_|\/tmp\//)
  return { ...JSON.parse(text), status: answer.status }
}

function pngOf(width: number, height: number, pixels: Buffer): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)]
    const named = Buffer.concat([Buffer.from(type), data])
    length.writeUInt32BE(data.length)
    check.writeUInt32BE(crc32(named))
    return Buffer.concat([length, named, check])
  }
  const header = Buffer.from([...Buffer.alloc(8), 8, 2, 0, 0, 0])
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10])
  const data = [chunk('IHDR', header), chunk('IDAT', deflateSync(pixels))]
  return Buffer.concat([signature, ...data, chunk('IEND', Buffer.alloc(0))])
}

describe('a photograph that is none', () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'
  it.each<[string, () => string | Uint8Array | Promise<Uint8Array>, number, string]>([
    [
      'a bomb: 3,600 million pixels in 70 bytes',
      () => pngOf(60_000, 60_000, Buffer.alloc(9)),
      422,
      'RECOGNIZE_PHOTO',
    ],
    [
      'a column of pixels more than are allowed',
      () =>
        sharp({ create: { width: 1001, height: 1000, channels: 3, background: 'red' } })
          .png()
          .toBuffer(),
      422,
      'RECOGNIZE_PHOTO',
    ],
    ['of no pixels', () => pngOf(0, 0, Buffer.alloc(0)), 422, 'RECOGNIZE_PHOTO'],
    ['half a PNG', () => photo.subarray(0, photo.length / 2), 422, 'RECOGNIZE_PHOTO'],
    [
      'half a JPEG',
      async () => (await sharp(photo).jpeg().toBuffer()).subarray(0, 4000),
      422,
      'RECOGNIZE_PHOTO',
    ],
    ['a drawing that names files', () => svg, 422, 'RECOGNIZE_PHOTO'],
    ['a page', () => '<!doctype html>', 422, 'RECOGNIZE_PHOTO'],
    ['zeros', () => Buffer.alloc(100_000), 422, 'RECOGNIZE_PHOTO'],
    ['one byte', () => 'x', 422, 'RECOGNIZE_PHOTO'],
    ['nothing', () => '', 400, 'SERVER_REQUEST'],
    [
      'a byte more than is taken',
      () => Buffer.alloc(limits.photoBytes + 1),
      413,
      'SERVER_TOO_LARGE',
    ],
  ])('%s, is refused in every kind of body', async (_, make, status, code) => {
    const bytes = Buffer.from(await make())
    const base64 = bytes.toString('base64')
    for (const answer of [
      await send(bytes, 'image/jpeg'),
      await send(form(part('photo', 'x.jpg', bytes)), FORM),
      await send(form(part('photo', undefined, base64)), FORM),
      await send(JSON.stringify({ photo: base64 }), JSON_TYPE),
    ])
      expect(answer).toMatchObject({ status, code })
  })

  it('may hold much more than its header says, of which nothing is read', async () => {
    const bytes = pngOf(160, 160, Buffer.alloc(100_000_000))
    expect(await send(bytes, 'image/png')).toMatchObject({ photos: [{ faces: [] }] })
  })
})

const FORM = 'multipart/form-data; boundary=b'
const JSON_TYPE = 'application/json'
const part = (name: string, file: string | undefined, bytes: string | Uint8Array) =>
  Buffer.concat([
    Buffer.from(`--b\r\ncontent-disposition: form-data; name="${name}"`),
    Buffer.from(file === undefined ? '' : `; filename="${file}"`),
    Buffer.from('\r\n\r\n'),
    Buffer.from(bytes),
    Buffer.from('\r\n'),
  ])
const form = (...parts: readonly Uint8Array[]) =>
  Buffer.concat([...parts, Buffer.from('--b--\r\n')])

describe('a form', () => {
  it.each<[string, () => Uint8Array, string?]>([
    ['that is cut', () => part('photo', 'x', photo)],
    ['of nothing', () => form()],
    ['of no bytes', () => Buffer.alloc(0)],
    [
      'with a part without a name',
      () => form(Buffer.from('--b\r\ncontent-disposition: form-data\r\n\r\nx\r\n')),
    ],
    ['with a part that says nothing', () => form(Buffer.from('--b\r\n\r\nx\r\n'))],
    ['with endless headers', () => form(Buffer.from(`--b\r\n${'x: y\r\n'.repeat(50_000)}`))],
    ['of another name', () => form(part('foto', 'x', photo))],
    ['with something beside', () => form(part('photo', 'x', photo), part('extra', 'x', 'y'))],
    ['named __proto__', () => form(part('__proto__', 'x', photo))],
    ['named constructor', () => form(part('constructor', undefined, 'x'))],
    ['without a boundary', () => form(part('photo', 'x', photo)), 'multipart/form-data'],
    [
      'with another boundary',
      () => form(part('photo', 'x', photo)),
      'multipart/form-data; boundary=c',
    ],
    ['with a long boundary', () => form(), `multipart/form-data; boundary=${'b'.repeat(5000)}`],
  ])('%s is refused', async (_, make, type = FORM) => {
    expect(await send(make(), type)).toMatchObject({ status: 400, code: 'SERVER_REQUEST' })
  })

  it.each([
    ['../../etc/passwd', 'passwd'],
    ['C:\\\\Users\\\\x.png', 'x.png'],
    ['a\x00b\x1b[31m.png', 'ab[31m.png'],
    ['\u202egnp.exe', 'gnp.exe'],
    ['', 'photo'],
    [`${'é'.repeat(3000)}.png`, `${'é'.repeat(251)}.png`],
  ])('with a file called %j keeps of it what is a name', async (given, name) => {
    const body = form(part('photo', given, photo))
    const path = '/v1/galleries/staff/people/Ada/faces'
    expect((await send(body, FORM)).photos).toMatchObject([{ name }])
    expect(await send(body, FORM, path)).toMatchObject({ faces: [{ name }] })
  })
})

describe('JSON', () => {
  it.each([
    ...['{"photo":"!!!"}', '{"photo":7}', '{"photo":null}', '{"photo":{}}', '[]', 'null', '7'],
    ...['{"photos":{}}', '{"photos":[]}', '{"photos":[null]}', '{"photo":"file:///etc/passwd"}'],
    ...['{"photo":"http://127.0.0.1/x.png"}', '{"foto":"eA=="}', '{"__proto__":{"photo":"eA=="}}'],
    ...['{"constructor":{"prototype":{}}}', `${'['.repeat(10_000)}${']'.repeat(10_000)}`],
    ...[
      `{"${'x'.repeat(100_000)}":1}`,
      `{"photo":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}`,
    ],
  ])('%.40s is refused', async (body) => {
    const answer = await send(body, JSON_TYPE)
    expect(answer).toMatchObject({ status: 400, code: 'SERVER_REQUEST' })
    expect(answer.detail!.length).toBeLessThan(200)
  })
})
