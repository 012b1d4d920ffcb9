import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { temporaryKeys } from '../testing/keys.js'
import { noisePhoto, type TestServer, testServer } from '../testing/server.js'
import type { AuditLine } from './line.js'
import { readAudit } from './read.js'
import { verifyAudit } from './verify.js'

const folderOf = (server: TestServer) => join(server.folder, 'audit')

async function linesOf(server: TestServer, kind = 'request'): Promise<AuditLine[]> {
  const all = []
  for await (const line of readAudit(folderOf(server))) if (line.kind === kind) all.push(line)
  return all
}

describe('the audit log of a server', () => {
  const keys = temporaryKeys()
  const texts: Record<string, string> = {}
  let server: TestServer
  let photo: Buffer
  beforeAll(async () => {
    const make = async (name: string, scopes: string[]) => {
      texts[name] = (await keys.file.create({ name, scopes } as never)).text
    }
    await make('all', ['read', 'identify', 'enroll', 'delete', 'admin'])
    await make('gate', ['identify'])
    server = await testServer({ keys: keys.file.path, audit: { refusals: 5 } })
    photo = await noisePhoto(5)
  })
  afterAll(async () => {
    await server.close()
    keys[Symbol.dispose]()
  })

  const ask = (
    method: string,
    path: string,
    body?: Buffer | object,
    key = texts.all!,
    headers: Record<string, string> = {},
  ) =>
    fetch(`${server.url}${path}`, {
      method,
      ...(body && {
        body: body instanceof Buffer ? new Uint8Array(body) : JSON.stringify(body),
      }),
      headers: {
        'x-api-key': key,
        ...(body && {
          'content-type': body instanceof Buffer ? 'image/png' : 'application/json',
        }),
        ...headers,
      },
    })

  it('has of an identification what AI Act, article 12(3) asks for, before the answer is there', async () => {
    await ask('POST', '/v1/galleries', { name: 'staff' })
    await ask('POST', '/v1/galleries/staff/people/Zo%C3%AB/faces?faces=largest', photo)
    const before = Date.now()
    const answer = await ask('POST', '/v1/galleries/staff/identify', photo, texts.gate, {
      'x-operator': 'badge 17',
    })
    const { photos } = (await answer.json()) as {
      photos: { faces: { matches: { name: string }[]; threshold: number; fpir: number }[] }[]
    }
    const after = Date.now()
    const { faces } = photos[0]!
    expect(faces.some(({ matches }) => matches[0]?.name === 'Zoë')).toBe(true)
    const told = (await linesOf(server)).at(-1)!
    expect(told).toMatchObject({
      ...{ operation: 'POST /v1/galleries/:gallery/identify', gallery: 'staff', status: 200 },
      ...{ operator: 'badge 17', key: { id: texts.gate!.slice(0, 8), name: 'gate' } },
      address: '127.0.0.1',
      model: createHash('sha256')
        .update(readFileSync(join(server.folder, '../embedder.onnx')))
        .digest('hex'),
      inputs: [
        {
          sha256: createHash('sha256').update(photo).digest('hex'),
          faces: faces.map(({ matches, threshold, fpir }) => ({
            known: matches.length > 0,
            people: matches.map(({ name }) => name),
            ...{ threshold, fpir, searched: { people: 1, faces: 1 } },
          })),
        },
      ],
    })
    const [start, end] = [Date.parse(String(told.start)), Date.parse(String(told.end))]
    expect(start).toBeGreaterThanOrEqual(before - 1)
    expect(end).toBeGreaterThanOrEqual(start)
    expect(end).toBeLessThanOrEqual(after)
  })

  it("has it of CompreFace's clients too", async () => {
    const form = new FormData()
    form.append('file', new Blob([new Uint8Array(photo)]), 'a.png')
    const post = (path: string) =>
      fetch(`${server.url}/api/v1/recognition/${path}`, {
        method: 'POST',
        body: form,
        headers: { 'x-api-key': texts.all! },
      })
    await post('faces?subject=Ada')
    await ask('POST', '/v1/galleries/main/people/Ada/faces?faces=largest', photo)
    const { result } = (await (await post('recognize')).json()) as {
      result: { subjects: { subject: string }[] }[]
    }
    const told = (await linesOf(server)).filter(({ gallery }) => gallery === 'main')
    expect(told[0]).toMatchObject({ people: ['Ada'] })
    expect(told.at(-1)).toMatchObject({
      operation: 'POST /api/v1/recognition/recognize',
      inputs: [
        {
          sha256: createHash('sha256').update(photo).digest('hex'),
          faces: result.map(({ subjects }) => ({
            people: subjects.map((one) => one.subject),
            searched: { people: 1, faces: 1 },
          })),
        },
      ],
    })
    const both = new FormData()
    for (const part of ['source_image', 'target_image'])
      both.append(part, new Blob([new Uint8Array(photo)]), 'a.png')
    await fetch(`${server.url}/api/v1/verification/verify?limit=1`, {
      method: 'POST',
      body: both,
      headers: { 'x-api-key': texts.all! },
    })
    const compared = { faces: [{ known: true, people: [], threshold: expect.any(Number) }] }
    expect((await linesOf(server)).at(-1)).toMatchObject({ inputs: [compared, compared] })
  })

  it('has embeddings that were searched, people who were changed, and jobs that ended', async () => {
    const embedding = Array.from({ length: 512 }, (_, i) => (i === 0 ? 1 : 0))
    await ask('POST', '/v1/galleries/staff/people', { name: 'Bob' })
    await ask('POST', '/v1/galleries/staff/people/delete', { names: ['Bob'] })
    await ask('POST', '/v1/galleries/staff/jobs/duplicates?threshold=0.9')
    const dim = ((await (await ask('GET', '/v1/model')).json()) as { dim: number }).dim
    await ask('POST', '/v1/galleries/staff/search', { embeddings: [embedding.slice(0, dim)] })
    const told = (await linesOf(server)).slice(-5)
    expect(told.map(({ people }) => people)).toEqual([
      ['Bob'],
      ['Bob'],
      undefined,
      undefined,
      undefined,
    ])
    expect(told.at(-1)).toMatchObject({ inputs: [{ faces: [{ threshold: expect.any(Number) }] }] })
    await expect
      .poll(() => linesOf(server, 'job'))
      .toMatchObject([
        {
          ...{ job: 'duplicates', gallery: 'staff', state: 'done', key: texts.all!.slice(0, 8) },
          ...{ threshold: 0.9, model: expect.stringMatching(/^[0-9a-f]{64}$/) },
        },
      ])
  })

  it('has every comparison that CompreFace decides, each with its threshold', async () => {
    const embedded = (await (await ask('POST', '/v1/embed', photo)).json()) as {
      photos: { faces: { embedding: number[] }[] }[]
    }
    const result = embedded.photos[0]!.faces[0]!.embedding
    const form = (...parts: string[]) => {
      const all = new FormData()
      for (const part of parts) all.append(part, new Blob([new Uint8Array(photo)]), 'a.png')
      return all
    }
    const post = (path: string, body: FormData | object) =>
      body instanceof FormData
        ? fetch(`${server.url}/api/v1/${path}`, {
            ...{ method: 'POST', body, headers: { 'x-api-key': texts.all! } },
          })
        : ask('POST', `/api/v1/${path}`, body)
    const stored = (await (await ask('GET', '/v1/galleries/main/people/Ada/faces')).json()) as {
      faces: { id: string }[]
    }
    const { id } = stored.faces[0]!
    const before = (await linesOf(server)).length
    const answers = [
      await post('verification/verify?limit=1', form('source_image', 'target_image')),
      await post('verification/embeddings/verify', { source: result, targets: [result] }),
      await post(`recognition/faces/${id}/verify?limit=1`, form('file')),
      await post(`recognition/embeddings/faces/${id}/verify`, { embeddings: [result] }),
    ]
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    const told = (await linesOf(server)).slice(before)
    expect(told.map(({ inputs }) => (inputs as unknown[])?.length)).toEqual([2, 2, 1, 1])
    for (const { inputs } of told)
      expect(inputs).toContainEqual(
        expect.objectContaining({
          sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
          faces: [expect.objectContaining({ known: true, threshold: expect.any(Number) })],
        }),
      )
  })

  it('has of names that are sent no more than they can be', async () => {
    const names = ['x'.repeat(100_000)]
    expect((await ask('POST', '/v1/galleries/staff/people/delete', { names })).status).toBe(404)
    const told = (await linesOf(server)).at(-1)!
    expect(told.people).toEqual(['x'.repeat(1000)])
  })

  it('has refusals with their codes, up to so many a minute, and of more the number', async () => {
    const wrong = '00000000-0000-4000-8000-000000000000'
    expect((await ask('GET', '/v1/galleries', undefined, wrong)).status).toBe(401)
    expect((await ask('DELETE', '/v1/galleries/staff', undefined, texts.gate)).status).toBe(403)
    for (let i = 0; i < 6; i++) await ask('GET', '/v1/galleries/none')
    // And two before: of CompreFace's clients, and of a long name.
    const refusals = 10
    await ask('GET', '/v1/model')
    const refused = (await linesOf(server)).filter(({ status }) => Number(status) >= 400)
    expect(refused).toHaveLength(5)
    expect(refused.map(({ status, code }) => [status, code])).toEqual(
      expect.arrayContaining([
        [401, 'SERVER_KEY'],
        [403, 'SERVER_SCOPE'],
        [404, 'GALLERY_MISSING'],
      ]),
    )
    const omitted = await linesOf(server, 'omitted')
    expect(omitted.reduce((sum, { requests }) => sum + Number(requests), 0)).toBe(refusals - 5)
  })

  it('never has a picture, an embedding, a key or what is public', async () => {
    const text = readdirSync(folderOf(server))
      .map((file) => readFileSync(join(folderOf(server), file), 'latin1'))
      .join('')
    expect(text).not.toContain(photo.toString('base64').slice(0, 40))
    expect(text).not.toContain('embedding"')
    for (const key of Object.values(texts)) expect(text).not.toContain(key.slice(9))
    expect(text).not.toMatch(/health|ready|docs/)
    expect((await verifyAudit(folderOf(server))).chains).toMatchObject([{ problem: null }])
  })
})

describe('a server whose audit log cannot be written', () => {
  const identify = async (server: TestServer) =>
    fetch(`${server.url}/v1/galleries`, { headers: { 'x-operator': 'x' } })

  it.each([
    ['refuse', 503],
    ['answer', 200],
  ] as const)('%s: %i, and says later how much is missing', async (whenFull, status) => {
    // Each line begins a segment, so that a folder that is not there is noticed.
    const server = await testServer({ audit: { whenFull, segmentBytes: 1 } })
    try {
      const away = `${folderOf(server)}.away`
      expect((await identify(server)).status).toBe(200)
      renameSync(folderOf(server), away)
      const refused = await identify(server)
      expect(refused.status).toBe(status)
      if (status === 503) expect(await refused.json()).toMatchObject({ code: 'SERVER_AUDIT' })
      expect((await identify(server)).status).toBe(status)
      expect((await fetch(`${server.url}/health`)).status).toBe(200)
      renameSync(away, folderOf(server))
      expect((await identify(server)).status).toBe(200)
      const [gap] = await linesOf(server, 'gap')
      expect(gap!.lines).toBeGreaterThan(0)
      expect((await linesOf(server)).map((line) => line.status)).toEqual([200, 200])
      expect((await verifyAudit(folderOf(server))).chains).toMatchObject([{ problem: null }])
    } finally {
      await server.close()
    }
  })

  it('does without where the configuration says so', async () => {
    const server = await testServer({ audit: { enabled: false } })
    expect((await identify(server)).status).toBe(200)
    expect(readdirSync(server.folder)).not.toContain('audit')
    await server.close()
  })
})
