import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { comprefaceClient, type Items } from '../testing/compreface.js'
import { temporaryKeys } from '../testing/keys.js'
import { noisePhoto, type TestServer, testServer } from '../testing/server.js'

const NOBODY = '00000000-0000-0000-0000-000000000000'

describe("keys, for CompreFace's clients", () => {
  const made = temporaryKeys()
  let server: TestServer
  let photo: Buffer
  const texts: Record<string, string> = {}
  const of = (name: string) => comprefaceClient(server.url, texts[name] ?? name)
  beforeAll(async () => {
    const make = async (name: string, wanted: object) => {
      texts[name] = (await made.file.create({ name, scopes: ['read'], ...wanted })).text
    }
    const all = { scopes: ['read', 'identify', 'enroll', 'delete'], scores: true }
    await make('main', all)
    await make('door', { ...all, galleries: ['door'] })
    await make('two', { ...all, galleries: ['door', 'gate'] })
    await make('new', { ...all, galleries: ['new'] })
    await make('reader', { scopes: ['read'] })
    await make('identifier', { scopes: ['identify'] })
    await make('enroller', { scopes: ['enroll'] })
    await make('deleter', { scopes: ['delete'] })
    server = await testServer({ keys: made.file.path })
    photo = await noisePhoto(4)
  })
  afterAll(async () => {
    await server.close()
    made[Symbol.dispose]()
  })

  const unknown = (key: string) => ({
    status: 404,
    body: {
      code: 10,
      message: `Recognition service with API Key ${key.slice(0, 8)}... not found`,
    },
  })

  it('that are unknown are 404 and 10, which repeats no secret', async () => {
    for (const key of [
      NOBODY,
      `${texts.main!.slice(0, -1)}${texts.main!.endsWith('0') ? '1' : '0'}`,
    ]) {
      const stranger = comprefaceClient(server.url, key)
      const answers = [
        await stranger.get('/recognition/subjects'),
        await stranger.form('/recognition/recognize', { file: photo }),
        await comprefaceClient(server.url, null).get(`/static/${key}/images/${NOBODY}`),
      ]
      for (const answer of answers) {
        expect(answer).toMatchObject(unknown(key))
        expect(JSON.stringify(answer)).not.toContain(key)
      }
    }
    const keyless = comprefaceClient(server.url, null)
    expect(await keyless.get('/recognition/subjects')).toMatchObject({ body: { code: 20 } })
    const none = comprefaceClient(server.url, 'x')
    expect(await none.get('/recognition/subjects')).toMatchObject({ body: { code: 26 } })
    expect((await keyless.get('/config')).status).toBe(200)
  })

  it('of one gallery have that, of others the configured one where they are for it', async () => {
    for (const [name, subject] of [
      ['door', 'At the door'],
      ['main', 'In the house'],
    ] as const)
      expect((await of(name).json('/recognition/subjects', { subject })).status).toBe(201)
    expect((await of('door').get('/recognition/subjects')).body).toEqual({
      subjects: ['At the door'],
    })
    expect((await of('main').get('/recognition/subjects')).body).toEqual({
      subjects: ['In the house'],
    })
    // For two, of which none is it.
    expect(await of('two').get('/recognition/subjects')).toMatchObject(unknown(texts.two!))
    // What asks for nobody needs none.
    const both = { source_image: photo, target_image: photo }
    expect((await of('two').form('/verification/verify', both)).status).toBe(200)
    expect((await of('two').form('/detection/detect', { file: photo })).status).toBe(200)
  })

  it('open a picture by the address alone, of their gallery', async () => {
    const added = await of('door').form<{ image_id: string }>('/recognition/faces?subject=Ada', {
      file: photo,
    })
    const { image_id: id } = added.body
    const size = async (name: string) => {
      const answer = await fetch(`${server.url}/api/v1/static/${texts[name]}/images/${id}`)
      expect(answer.status).toBe(200)
      return (await answer.arrayBuffer()).byteLength
    }
    expect(await size('door')).toBeGreaterThan(100)
    expect(await size('main')).toBe(0)
    expect((await of('door').delete('/recognition/faces?subject=ada')).body).toEqual({ deleted: 1 })
  })

  it('do what their scopes allow, and are else as if there were no such service', async () => {
    const file = { file: photo }
    const both = { source_image: photo, target_image: photo }
    const embeddings = [Array.from({ length: 128 }, (_, i) => i + 1)]
    type Client = ReturnType<typeof of>
    const calls: Record<
      string,
      ((client: Client) => Promise<{ status: number; body: unknown }>)[]
    > = {
      reader: [
        (client) => client.get('/recognition/subjects'),
        (client) => client.get('/recognition/faces'),
      ],
      identifier: [
        (client) => client.form('/recognition/recognize', file),
        (client) => client.form(`/recognition/faces/${NOBODY}/verify`, file),
        (client) => client.form('/detection/detect', file),
        (client) => client.form('/verification/verify', both),
        (client) => client.json('/recognition/embeddings/recognize', { embeddings }),
        (client) => client.json(`/recognition/embeddings/faces/${NOBODY}/verify`, { embeddings }),
        (client) =>
          client.json('/verification/embeddings/verify', {
            source: embeddings[0],
            targets: embeddings,
          }),
      ],
      enroller: [
        (client) => client.json('/recognition/subjects', { subject: 'Zoe' }),
        (client) => client.form('/recognition/faces?subject=Eve', file),
        (client) => client.json('/recognition/subjects/Eve', { subject: 'Eva' }, 'PUT'),
      ],
      deleter: [
        (client) => client.json('/recognition/faces/delete', [NOBODY]),
        (client) => client.delete('/recognition/faces?subject=nobody'),
        (client) => client.delete('/recognition/subjects'),
      ],
    }
    for (const [owner, own] of Object.entries(calls))
      for (const name of Object.keys(calls))
        for (const call of own) {
          const answer = await call(of(name))
          if (name === owner) expect([200, 201]).toContain(answer.status)
          else expect(answer).toMatchObject(unknown(texts[name]!))
        }
  })

  it('merge people only where they may delete some, and make no gallery to rename nobody', async () => {
    const merge = (name: string) =>
      of(name).json('/recognition/subjects/One', { subject: 'Two' }, 'PUT')
    for (const subject of ['One', 'Two'])
      await of('enroller').json('/recognition/subjects', { subject })
    expect(await merge('enroller')).toMatchObject(unknown(texts.enroller!))
    expect(await merge('main')).toMatchObject({ status: 200, body: { updated: true } })
    expect(await merge('new')).toMatchObject({ status: 404, body: { code: 42 } })
    const headers = { 'x-api-key': texts.main! }
    const answer = await fetch(`${server.url}/v1/galleries`, { headers })
    const listed = (await answer.json()) as { galleries: string[] }
    expect(listed.galleries).toContain('main')
    expect(listed.galleries).not.toContain('new')
  })

  it('without scores are told who it is, and nothing of how alike', async () => {
    await of('main').form('/recognition/faces?subject=Ada', { file: photo })
    const four = await noisePhoto(5)
    const ask = async (name: string, bytes: Buffer) =>
      (await of(name).form<Items>('/recognition/recognize?prediction_count=5', { file: bytes }))
        .body
    const known = await ask('identifier', photo)
    expect(known.result).toMatchObject([
      { known: true, subjects: [{ subject: 'Ada', similarity: 1 }] },
    ])
    const open = await ask('main', four)
    const closed = await ask('identifier', four)
    for (const [i, item] of closed.result.entries()) {
      expect(item.known).toBe(open.result[i]!.known)
      for (const { similarity } of item.subjects!) expect(similarity).toBe(1)
      expect(item.subjects!.length).toBe(
        open.result[i]!.subjects!.filter(({ similarity }) => similarity > 0.5).length,
      )
    }
    const verified = await of('identifier').form<{ result: { face_matches: Items['result'] }[] }>(
      '/verification/verify?face_plugins=calculator',
      { source_image: photo, target_image: four },
    )
    for (const match of verified.body.result[0]!.face_matches) {
      expect(match.similarity).toBe(match.same ? 1 : 0)
      expect(match).not.toHaveProperty('embedding')
    }
  })
})

it('too many requests are 429 and 41, and say when to come again', async () => {
  const server = await testServer({ rates: { address: 2 } })
  try {
    const client = comprefaceClient(server.url)
    for (let i = 0; i < 2; i++) expect((await client.get('/recognition/subjects')).status).toBe(200)
    expect(await client.get('/recognition/subjects')).toMatchObject({
      status: 429,
      body: { code: 41, message: expect.stringContaining('too many requests') },
    })
    const answer = await fetch(`${server.url}/api/v1/config`)
    expect([answer.status, Number(answer.headers.get('retry-after')) > 0]).toEqual([429, true])
  } finally {
    await server.close()
  }
})
