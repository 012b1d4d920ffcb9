import { join } from 'node:path'
import { openGalleries } from '@arcface/gallery'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { blankPhoto } from '../testing/blank.js'
import { type ComprefaceClient, comprefaceClient } from '../testing/compreface.js'
import { noisePhoto, type TestServer, testServer } from '../testing/server.js'
import { comprefaceErrors } from './refusals.js'

// Every code of CompreFace's table, by a request that has it.

const NOBODY = '00000000-0000-0000-0000-000000000000'
const OTHER = 'Something went wrong, please try again'

let server: TestServer
let client: ComprefaceClient
let one: Buffer
let two: Buffer
beforeAll(async () => {
  server = await testServer({})
  client = comprefaceClient(server.url)
  ;[one, two] = await Promise.all([noisePhoto(4), noisePhoto(1)])
  await client.json('/recognition/subjects', { subject: 'Ada' })
})
afterAll(() => server.close())

const seen = new Set<number>()
/** Whether an answer refuses so; more than this it says only in `detail`. */
function refused(
  { status, body }: { status: number; body: unknown },
  expected: number,
  code: number,
  message: string | RegExp = OTHER,
) {
  seen.add(code)
  const { detail: _, ...rest } = body as { detail?: string }
  expect({ status, ...rest }).toEqual({
    ...{ status: expected, code },
    message: typeof message === 'string' ? message : expect.stringMatching(message),
  })
}

describe('a key', () => {
  it('that is missing is 20, that is none 26, also of a picture by the address alone', async () => {
    const keyless = comprefaceClient(server.url, null)
    for (const [method, path] of [
      ['GET', '/recognition/faces'],
      ['POST', '/recognition/recognize'],
      ['DELETE', '/recognition/subjects/Ada'],
    ] as const)
      refused(await keyless.send(method, path), 400, 20, 'Missing header: x-api-key')
    for (const bad of ['', 'x', '6b135f5b-a365-4522-b1f1-4c9ac2dd072', `${NOBODY}0`, '{}']) {
      const wrong = comprefaceClient(server.url, bad)
      refused(await wrong.get('/recognition/faces'), 400, 26, 'Service API key should be UUID')
    }
    const path = `/static/nokey/images/${NOBODY}`
    refused(await keyless.get(path), 400, 26, 'Service API key should be UUID')
  })
})

describe('a subject', () => {
  const create = (subject: unknown) => client.json('/recognition/subjects', { subject })

  it('that is blank, missing or too long is 26, of wrong characters 36', async () => {
    for (const blank of ['', ' ', '\t\n', null, undefined, {}, []])
      refused(await create(blank), 400, 26, 'Subject name cannot be empty')
    refused(await create('x'.repeat(51)), 400, 26, 'Subject name size must be between 1 and 50')
    for (const name of ['a;b', 'a/b', 'a\\b'])
      refused(
        await create(name),
        400,
        36,
        "The name cannot contain the following special characters: ';', '/', '\\'",
      )
    // What our galleries do not take besides: what nobody sees, and would be two people.
    for (const name of ['Ada\u200b', 'a\u0000b', '\u202eadA'])
      refused(await create(name), 400, 36, /control character/)
    refused(
      await client.json('/recognition/subjects/Ada', { subject: 'a;b' }, 'PUT'),
      400,
      36,
      /special/,
    )
  })

  it('that is there is 43, that is not 42', async () => {
    refused(await create('aDA'), 400, 43, 'Subject already exists')
    refused(
      await client.delete('/recognition/subjects/Nobody'),
      404,
      42,
      'Subject Nobody not found',
    )
    refused(
      await client.json('/recognition/subjects/Nobody', { subject: 'x' }, 'PUT'),
      404,
      42,
      'Subject Nobody not found',
    )
  })

  it('that is empty in the address is 35, and nobody is deleted', async () => {
    for (const method of ['DELETE', 'PUT'] as const)
      refused(
        await client.send(method, '/recognition/subjects/', '{"subject":"x"}', {
          'content-type': 'application/json',
        }),
        400,
        35,
        'Required path variable subject is missing',
      )
    refused(await client.delete('/recognition/faces?subject='), 400, 26, 'Subject name is empty; ')
    refused(
      await client.form('/recognition/faces?subject=%20', { file: one }),
      400,
      26,
      'Subject name is empty; ',
    )
    refused(
      await client.form('/recognition/faces', { file: one }),
      400,
      33,
      'Required parameter subject is missing',
    )
    expect((await client.get('/recognition/subjects')).body).toEqual({ subjects: ['Ada'] })
  })
})

describe('a photograph', () => {
  const routes = [
    ['/detection/detect', ['file']],
    ['/recognition/recognize', ['file']],
    ['/recognition/faces?subject=Ada', ['file']],
    [`/recognition/faces/${NOBODY}/verify`, ['file']],
    ['/verification/verify', ['source_image', 'target_image']],
  ] as const

  it.each(routes)('of %s is 34 where its part is missing, 5 of JSON', async (path, parts) => {
    for (const part of parts) {
      const others = Object.fromEntries(
        parts.filter((name) => name !== part).map((name) => [name, one]),
      )
      const message = `Required part ${part} is missing`
      refused(await client.form(path, { ...others, photo: one }), 400, 34, message)
      const form = new FormData()
      for (const [name, bytes] of Object.entries(others))
        form.append(name, new Blob([new Uint8Array(bytes)]), 'a.png')
      form.append(part, 'no file, but a field')
      refused(await client.send('POST', path, form), 400, 34, message)
      const base64 = Object.fromEntries(
        Object.entries(others).map(([name, bytes]) => [name, bytes.toString('base64')]),
      )
      for (const body of [base64, { ...base64, [part]: null }])
        refused(await client.json(path, body), 400, 5, `Field ${part} cannot be empty`)
    }
  })

  it.each(routes)(
    'of %s is 21 where its name ends otherwise, or it is no base64',
    async (path, parts) => {
      const files = Object.fromEntries(parts.map((part) => [part, one]))
      for (const name of ['photo', 'photo.avif', 'photo.png.txt', 'png', 'jpg '])
        refused(
          await client.form(path, files, name),
          400,
          21,
          `File [${name}] has an unavailable extension`,
        )
      for (const text of ['data:image/png;base64,AAAA', 'ä', '!', '{}']) {
        const body = Object.fromEntries(parts.map((part) => [part, text]))
        refused(await client.json(path, body), 400, 21, 'Provided value is not Base64')
      }
      const numbers = Object.fromEntries(parts.map((part) => [part, 7]))
      refused(await client.json(path, numbers), 400, 21, 'Provided value is not Base64')
    },
  )

  it('may end as CompreFace allows, in capitals too, whatever is in it', async () => {
    for (const ending of ['tif', 'tiff', 'jpg', 'JPEG', 'Png', 'bmp', 'ico', 'gif', 'webp']) {
      const { status } = await client.form('/detection/detect', { file: one }, `x.${ending}`)
      expect(status).toBe(200)
    }
  })

  it.each(routes)('of %s is 28 where it shows no face or cannot be read', async (path, parts) => {
    const blank = await blankPhoto()
    const bad = [blank, Buffer.from('no picture'), one.subarray(0, 100), Buffer.alloc(0)]
    for (const bytes of bad) {
      const files = Object.fromEntries(parts.map((part) => [part, bytes]))
      refused(await client.form(path, files), 400, 28, 'No face is found in the given image')
      const base64 = Object.fromEntries(parts.map((part) => [part, bytes.toString('base64')]))
      refused(await client.json(path, base64), 400, 28, 'No face is found in the given image')
    }
    // The second of two counts as well.
    const last = { ...Object.fromEntries(parts.map((part) => [part, one])), [parts.at(-1)!]: blank }
    refused(await client.form(path, last), 400, 28, 'No face is found in the given image')
  })

  it('with several faces is 31 where one is meant', async () => {
    refused(
      await client.form('/recognition/faces?subject=Ada', { file: two }),
      400,
      31,
      'More than one face in the source image',
    )
    refused(
      await client.form('/verification/verify', { source_image: two, target_image: one }),
      400,
      31,
      'More than one face in the source image',
    )
    const { status } = await client.form('/verification/verify', {
      source_image: one,
      target_image: two,
    })
    expect(status).toBe(200)
  })

  it.each(routes)('of %s is refused with wrong parameters', async (path, parts) => {
    const files = Object.fromEntries(parts.map((part) => [part, one]))
    const ask = (query: string) =>
      client.form(`${path}${path.includes('?') ? '&' : '?'}${query}`, files)
    refused(await ask('det_prob_threshold=1.5'), 400, 28, 'No face is found in the given image')
    refused(await ask('det_prob_threshold=much'), 400, 0)
    if (path.includes('/faces?')) return
    refused(await ask('limit=-1'), 400, 26, 'Limit should be equal or greater than 0; ')
    refused(await ask('limit=many'), 400, 0)
    refused(await ask('status=perhaps'), 400, 0)
    if (path !== '/recognition/recognize') return
    for (const count of ['0', '-1'])
      refused(
        await ask(`prediction_count=${count}`),
        400,
        26,
        'prediction_count should be equal or greater than 1; ',
      )
  })
})

describe('an image', () => {
  it('that is not there is 44, that is none 0, empty 35', async () => {
    refused(
      await client.delete(`/recognition/faces/${NOBODY}`),
      404,
      44,
      `Image ${NOBODY} not found`,
    )
    for (const id of ['a_b', '%27', 'x'.repeat(65), '..%2f..'])
      refused(await client.delete(`/recognition/faces/${id}`), 400, 0)
    refused(
      await client.get('/recognition/faces//img'),
      400,
      35,
      'Required path variable image_id is missing',
    )
    for (const body of [{}, 'x', [1], [null], ['a b'], [[NOBODY]]])
      refused(await client.json('/recognition/faces/delete', body), 400, 0)
  })
})

describe('embeddings', () => {
  const row = Array.from({ length: 128 }, (_, i) => i)
  const routes = [
    ['/recognition/embeddings/recognize', 'embeddings', {}],
    [`/recognition/embeddings/faces/${NOBODY}/verify`, 'embeddings', {}],
    ['/verification/embeddings/verify', 'targets', { source: row }],
  ] as const

  it.each(routes)('of %s that are missing are 5, none 37', async (path, field, rest) => {
    for (const body of [rest, { ...rest, [field]: null }])
      refused(await client.json(path, body), 400, 5, `Field ${field} cannot be empty`)
    refused(
      await client.json(path, { ...rest, [field]: [] }),
      400,
      37,
      '1 embeddings were expected, but 0 were provided',
    )
    refused(
      await client.json(path, { ...rest, [field]: Array(257).fill(row) }),
      400,
      37,
      '256 embeddings were expected, but 257 were provided',
    )
  })

  it.each(routes)('of %s that are none are 0', async (path, field, rest) => {
    const zeros = row.map(() => 0)
    for (const bad of [row.slice(1), [...row, 1], zeros, row.map(String), 'x', { length: 128 }, 7])
      refused(await client.json(path, { ...rest, [field]: [row, bad] }), 400, 0)
    // JSON has numbers that are none to anybody else.
    const infinite = JSON.stringify({ ...rest, [field]: [row] }).replaceAll('127]', '1e999]')
    const json = { 'content-type': 'application/json' }
    refused(await client.send('POST', path, infinite, json), 400, 0)
    refused(await client.json(path, { ...rest, [field]: 'x' }), 400, 0)
  })

  it('need a source', async () => {
    for (const body of [{ targets: [row] }, { source: null, targets: [row] }])
      refused(
        await client.json('/verification/embeddings/verify', body),
        400,
        5,
        'Field source cannot be empty',
      )
    refused(
      await client.json('/verification/embeddings/verify', { source: [1], targets: [row] }),
      400,
      0,
    )
  })

  it('need a count of predictions', async () => {
    refused(
      await client.json('/recognition/embeddings/recognize?prediction_count=0', {
        embeddings: [row],
      }),
      400,
      26,
      'prediction_count should be equal or greater than 1; ',
    )
  })
})

describe('the rest', () => {
  it('is 404 and code 0 for what lies nowhere, and for a wrong method', async () => {
    for (const [method, path] of [
      ['PATCH', '/recognition/faces'],
      ['GET', '/recognition/recognize'],
      ['PUT', '/recognition/subjects'],
      ['GET', '/recognition/subjects/Ada'],
      ['POST', '/config'],
      ['GET', '/nothing'],
      ['GET', ''],
    ] as const)
      refused(await client.send(method, path), 404, 0, /^Nothing lies there/)
    // Nobody was asked for a key: it is not even read.
    const json = { 'content-type': 'application/json' }
    refused(await client.send('POST', '/nothing', '{', json), 404, 0, /^Nothing lies there/)
  })

  it('is 400 and code 0', async () => {
    const json = { 'content-type': 'application/json' }
    for (const text of ['{', 'nothing', '"x', '[1,]'])
      refused(await client.send('POST', '/recognition/subjects', text, json), 400, 0)
    refused(await client.send('POST', '/recognition/subjects', '[]', json), 400, 0)
    for (const type of ['text/plain', 'image/png', 'application/octet-stream', 'application/xml'])
      refused(
        await client.send('POST', '/recognition/recognize', 'x', { 'content-type': type }),
        400,
        0,
      )
    refused(await client.send('POST', '/recognition/recognize'), 400, 0)
  })

  it('is 500 and code 41 where a gallery is of another model, and says no path', async () => {
    const other = await testServer({ compreface: { gallery: 'strange' } })
    try {
      const galleries = await openGalleries(join(other.folder, 'galleries'))
      const model = { sha256: 'b'.repeat(64), name: 'other', dim: 128, preprocessing: null }
      await galleries.create('strange', model)
      await galleries.close()
      const answer = await comprefaceClient(other.url).get('/recognition/subjects')
      refused(answer, 500, 41, /strange/)
      expect(JSON.stringify(answer)).not.toContain(other.folder)
    } finally {
      await other.close()
    }
  })
})

it('all codes but that of an unknown key were seen', () => {
  const codes = new Set<number>(Object.values(comprefaceErrors).map(({ code }) => code))
  codes.delete(10)
  expect([...seen].sort((a, b) => a - b)).toEqual([...codes].sort((a, b) => a - b))
})
