import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkReceipt, isAbout, openGallery, ReceiptKey } from '@arcface/gallery'
import { face } from '@arcface/testing'
import { afterAll, describe, expect, it } from 'vitest'
import { readAudit } from '../audit/read.js'
import { connect } from '../client/client.js'
import { freshGalleries } from '../testing/fresh.js'
import { noisePhoto, testServer } from '../testing/server.js'

const own = freshGalleries()
const DIM = 128
const YEAR_MS = 365 * 86_400_000
const past = new Date(Date.now() - 1000).toISOString()
const future = new Date(Date.now() + YEAR_MS).toISOString()
const consent = { basis: 'consent', at: '2026-01-02T03:04:05.000Z', evidence: 'form 12' }

const path = (person?: string) => ({
  path: { gallery: own.gallery, ...(person !== undefined && { person }) } as {
    gallery: string
    person: string
  },
})
const embeddings = (seed: number) => [Array.from(face(DIM, seed))]
const person = async (name: string) =>
  (await own.client.GET('/v1/galleries/{gallery}/people/{person}', { params: path(name) })).data
const sweep = (body: object = {}) =>
  own.client.POST('/v1/galleries/{gallery}/sweep', { params: path(), body })

/** Lines of the log of a server that concern somebody, the last first. */
async function lines(data: string, name: string) {
  const found = []
  for await (const line of readAudit(join(data, 'audit')))
    if ((line.people as string[] | undefined)?.includes(name)) found.unshift(line)
  return found
}

describe('how long somebody is kept, and why', () => {
  it('comes with people, photographs and embeddings, and is changed and taken away by who has read it', async () => {
    const added = await own.client.POST('/v1/galleries/{gallery}/people', {
      params: path(),
      body: { name: 'Ada', consent, retainUntil: future },
    })
    expect(added.data).toMatchObject({ consent, retainUntil: future })
    await own.client.POST('/v1/galleries/{gallery}/people/{person}/embeddings', {
      params: path('Bob'),
      body: { embeddings: embeddings(1), consent: { basis: 'law' } },
    })
    const bob = await person('Bob')
    expect(bob?.consent).toMatchObject({ basis: 'law' })
    expect(Math.abs(Date.parse(bob!.consent!.at) - Date.now())).toBeLessThan(600_000)
    const photo = new File([new Uint8Array(await noisePhoto(3))], 'a.png')
    await own.client.POST('/v1/galleries/{gallery}/people/{person}/faces', {
      params: {
        ...path('Cy'),
        query: { consentBasis: 'consent', consentAt: consent.at, consentExpires: future },
      },
      body: { photo: [photo] },
    })
    expect((await person('Cy'))?.consent).toEqual({
      ...{ basis: 'consent', at: consent.at, expires: future },
    })
    const change = (header: string, body: object) =>
      own.client.PATCH('/v1/galleries/{gallery}/people/{person}', {
        params: { ...path('Ada'), header: { 'if-match': header } },
        body,
      })
    const first = added.data!.version
    const changed = await change(first, { consent: null })
    expect(changed.data).not.toHaveProperty('consent')
    expect(changed.data).toMatchObject({ retainUntil: future, name: 'Ada' })
    const late = await change(first, { retainUntil: null })
    expect(late.error?.code).toBe('GALLERY_CHANGED')
    const bare = await change(changed.data!.version, { retainUntil: null })
    expect(Object.keys(bare.data!).sort()).toEqual([
      'added',
      'faces',
      'groups',
      'metadata',
      'name',
      'version',
    ])
  })

  it.each<[string, object, number, string]>([
    [
      'a consent that ends before',
      { consent: { ...consent, expires: '2025-01-01T00:00:00Z' } },
      422,
      'GALLERY_CONSENT',
    ],
    ['a consent without a basis', { consent: { at: consent.at } }, 400, 'SERVER_REQUEST'],
    ['an empty basis', { consent: { basis: ' ' } }, 422, 'GALLERY_CONSENT'],
    ['a day that is none', { retainUntil: '2027-02-30' }, 400, 'SERVER_REQUEST'],
    [
      'a field that is mistyped',
      { consent: { ...consent, expire: future } },
      400,
      'SERVER_REQUEST',
    ],
  ])('%s is refused', async (_, body, status, code) => {
    const answer = await own.client.POST('/v1/galleries/{gallery}/people', {
      params: path(),
      body: { name: 'Ada', ...body },
    })
    expect([answer.response.status, answer.error?.code]).toEqual([status, code])
    expect((await person('Ada'))?.name).toBeUndefined()
  })

  it('a part of a consent without its basis is refused', async () => {
    const photo = new File([new Uint8Array(await noisePhoto(3))], 'a.png')
    const answer = await own.client.POST('/v1/galleries/{gallery}/people/{person}/faces', {
      params: { ...path('Cy'), query: { consentExpires: future } },
      body: { photo: [photo] },
    })
    expect(answer.error?.code).toBe('SERVER_REQUEST')
  })
})

describe('a sweep', () => {
  it('tells who is due, erases them with a receipt, and the log has both', async () => {
    for (const [name, until] of [
      ['due', past],
      ['kept', future],
    ] as const)
      await own.client.POST('/v1/galleries/{gallery}/people/{person}/embeddings', {
        params: path(name),
        body: { embeddings: embeddings(name.length), retainUntil: until },
      })
    const dry = await sweep({ dryRun: true })
    expect(dry.data).toMatchObject({
      due: [{ name: 'due', faces: 1, at: past, by: 'retention' }],
      receipt: null,
    })
    expect(await person('due')).toBeDefined()
    const { data } = await sweep()
    expect(data?.due).toEqual(dry.data?.due)
    expect(await person('due')).toBeUndefined()
    expect(await person('kept')).toBeDefined()
    const receipt = checkReceipt(data?.receipt)
    expect(receipt).toMatchObject({ gallery: own.gallery, why: 'swept', people: [{ faces: 1 }] })
    const key = await ReceiptKey.open(join(own.server.folder, 'receipts.pem'))
    expect(receipt.key).toBe(key.publicKey)
    expect(isAbout(receipt, key, 'due')).toBe(true)
    expect(await lines(own.server.folder, 'due')).toContainEqual(
      expect.objectContaining({
        operation: 'POST /v1/galleries/:gallery/sweep',
        receipt: receipt.id,
        status: 200,
      }),
    )
    expect((await sweep()).data).toMatchObject({ due: [], receipt: null })
  })

  it('by a clock that is behind what was written erases nobody', async () => {
    const body = { name: 'Ada', retainUntil: past }
    await own.client.POST('/v1/galleries/{gallery}/people', { params: path(), body })
    // Of a machine whose clock ran ahead.
    const there = join(own.server.folder, 'galleries', own.gallery)
    const gallery = await openGallery(there)
    await gallery.addPeople([{ name: 'Bob', added: new Date(Date.now() + YEAR_MS) }])
    await gallery.close()
    const refused = await sweep()
    expect([refused.response.status, refused.error?.code]).toEqual([409, 'GALLERY_CLOCK'])
    expect(await person('Ada')).toBeDefined()
    expect((await sweep({ trustClock: true })).data?.due).toMatchObject([{ name: 'Ada' }])
  })
})

it('a deletion answers with a receipt where that is asked for, of one or of many', async () => {
  for (const name of ['Ada', 'Bob', 'Cy'])
    await own.client.POST('/v1/galleries/{gallery}/people/{person}/embeddings', {
      params: path(name),
      body: { embeddings: embeddings(name.charCodeAt(0)) },
    })
  const one = await own.client.DELETE('/v1/galleries/{gallery}/people/{person}', {
    params: { ...path('Ada'), query: { receipt: 'true' } },
  })
  expect(one.response.status).toBe(200)
  expect(checkReceipt(one.data)).toMatchObject({ why: 'asked', people: [{ faces: 1 }] })
  expect(JSON.stringify(one.data)).not.toContain('Ada')
  expect((await lines(own.server.folder, 'Ada'))[0]).toMatchObject({ receipt: one.data?.id })
  const many = await own.client.POST('/v1/galleries/{gallery}/people/delete', {
    params: { ...path(), query: { receipt: 'true' } },
    body: { names: ['Bob', 'Cy'] },
  })
  expect(checkReceipt(many.data).people).toHaveLength(2)
  const nobody = await own.client.DELETE('/v1/galleries/{gallery}/people/{person}', {
    params: { ...path('Ada'), query: { receipt: 'true' } },
  })
  expect(nobody.error?.code).toBe('GALLERY_PERSON')
})

describe('a server that sweeps by itself', () => {
  const data = mkdtempSync(join(tmpdir(), 'sweeps-'))
  afterAll(() => rmSync(data, { recursive: true }))

  it('erases who is due in every gallery, keeps the receipts, and puts it into the log', async () => {
    const model = { sha256: 'a'.repeat(64), name: 'm', dim: 4, preprocessing: null }
    for (const name of ['one', 'two', 'ahead']) {
      const gallery = await openGallery(join(data, 'galleries', name), { model })
      await gallery.addPeople([
        { name: `due of ${name}`, retainUntil: new Date(past) },
        {
          name: `kept of ${name}`,
          retainUntil: new Date(future),
          // This one is not swept, and keeps nobody from the others.
          ...(name === 'ahead' && { added: new Date(future) }),
        },
      ])
      await gallery.close()
    }
    const server = await testServer({ data, retention: { sweepHours: 500 } })
    try {
      const line = async (name: string) => (await lines(data, `due of ${name}`))[0]
      await expect
        .poll(() => line('two'), { timeout: 20_000 })
        .toMatchObject({
          ...{ kind: 'sweep', gallery: 'two' },
        })
      expect(await line('one')).toMatchObject({ kind: 'sweep', gallery: 'one' })
      expect(await line('ahead')).toBeUndefined()
      const client = connect({ url: server.url })
      for (const [gallery, people] of [
        ['one', 1],
        ['two', 1],
        ['ahead', 2],
      ] as const) {
        const params = { path: { gallery } }
        const answer = await client.GET('/v1/galleries/{gallery}', { params })
        expect(answer.data?.people).toBe(people)
      }
      const receipts = join(data, 'receipts')
      const files = readdirSync(receipts)
      expect(files).toHaveLength(2)
      for (const file of files) {
        expect(statSync(join(receipts, file)).mode & 0o777).toBe(0o600)
        checkReceipt(JSON.parse(readFileSync(join(receipts, file), 'utf8')))
      }
    } finally {
      await server.close()
    }
  })
})
