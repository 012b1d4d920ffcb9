import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { face, noisy } from '@arcface/testing'
import { chooseSearchThreshold } from '@arcface/vision'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect } from '../client/client.js'
import { noisePhoto, type TestServer, THRESHOLDS, testServer } from '../testing/server.js'

const DIM = 128
const gallery = 'people'
let server: TestServer
let client: ReturnType<typeof connect>
beforeAll(async () => {
  server = await testServer()
  client = connect({ url: server.url })
  await client.POST('/v1/galleries', { body: { name: gallery } })
  for (let i = 0; i < 20; i++)
    await client.POST('/v1/galleries/{gallery}/people/{person}/embeddings', {
      params: { path: { gallery, person: `p${i}` } },
      body: { embeddings: [Array.from(face(DIM, i))], groups: i < 5 ? ['few'] : [] },
    })
})
afterAll(() => server.close())

const search = (embeddings: Float32Array[], query: object = {}) =>
  client.POST('/v1/galleries/{gallery}/search', {
    params: { path: { gallery }, query },
    body: { embeddings: embeddings.map((one) => Array.from(one)) },
  })

describe('a search', () => {
  it('names who is above the threshold of FPIR 1e-2 among the faces searched, and nobody else', async () => {
    const near = noisy(face(DIM, 7), 0.7, 100)
    const { data } = await search([near, face(DIM, 999)])
    const chosen = chooseSearchThreshold(THRESHOLDS, {}, 20)
    const { threshold, far, fpir, source } = chosen
    const verdict = { threshold, far, fpir, source, searched: { people: 20, faces: 20 } }
    expect(data?.results).toMatchObject([
      { ...verdict, known: true, matches: [{ name: 'p7', similarity: expect.closeTo(0.7, 4) }] },
      { ...verdict, known: false, matches: [] },
    ])
  })

  it('goes by what the caller gives, among the groups that it names', async () => {
    const { data } = await search([face(DIM, 3)], { threshold: -1, top: 10, group: 'few' })
    const [one] = data!.results
    expect(one).toMatchObject({ threshold: -1, far: null, searched: { people: 5, faces: 5 } })
    expect(one!.matches.map(({ name }) => name).sort()).toEqual(['p0', 'p1', 'p2', 'p3', 'p4'])
    expect(one!.matches[0]!.name).toBe('p3')
  })

  it.each([
    [{ far: 0.1, fpir: 0.1 }, 400, 'VISION_USE'],
    [{ far: 2 }, 400, 'SERVER_REQUEST'],
    [{ top: 0 }, 400, 'SERVER_REQUEST'],
    [{ tops: 1 }, 400, 'SERVER_REQUEST'],
  ])('refuses %j', async (query, status, code) => {
    const { response, error } = await search([face(DIM, 1)], query)
    expect([response.status, error?.code]).toEqual([status, code])
  })

  it.each([
    ['of another length', [[1, 0, 0]], 'GALLERY_EMBEDDING'],
    ['not of length 1', [new Array(DIM).fill(1)], 'GALLERY_EMBEDDING'],
    ['of nothing', [], 'SERVER_REQUEST'],
    ['of texts', [['1']], 'SERVER_REQUEST'],
  ])('refuses embeddings %s', async (_, embeddings, code) => {
    const { error } = await client.POST('/v1/galleries/{gallery}/search', {
      params: { path: { gallery } },
      body: { embeddings } as never,
    })
    expect(error?.code).toBe(code)
  })
})

describe('a calibrated model', () => {
  it('tells how likely the best match is, among so many faces', async () => {
    const points = [
      [-1, -6],
      [0, -4],
      [1, 12],
    ]
    const thresholds = join(server.folder, 'calibrated.json')
    const counts = { people: 100, images: 1000, genuine: 1000, impostors: 1000 }
    const measured = { source: 'these pairs', ...counts, cllr: 0.1, minCllr: 0.1 }
    const calibration = { method: 'logistic', points, prior: 0.5, measured }
    writeFileSync(thresholds, JSON.stringify({ ...THRESHOLDS, calibration }))
    const calibrated = await testServer({
      thresholds,
      galleries: join(server.folder, 'galleries'),
    })
    try {
      const { data } = await connect({ url: calibrated.url }).POST(
        '/v1/galleries/{gallery}/search',
        {
          params: { path: { gallery }, query: { group: ['few'] } },
          body: {
            embeddings: [Array.from(noisy(face(DIM, 2), 0.7, 100)), Array.from(face(DIM, 999))],
          },
        },
      )
      const [found, nobody] = data!.results
      // ln of the ratio at 0.7: -4 + 16 * 0.7; of 5 faces one is that much like a stranger 5 times as often.
      const ratio = Math.exp(-4 + 16 * found!.matches[0]!.similarity!) / 5
      expect(found).toMatchObject({
        ...{ known: true, prior: 0.5, atBound: false },
        likelihoodRatio: expect.closeTo(ratio, 6),
        probability: expect.closeTo(ratio / (1 + ratio), 6),
      })
      expect(nobody).toMatchObject({ known: false, matches: [] })
      expect(nobody).not.toHaveProperty('probability')
    } finally {
      await calibrated.close()
    }
  })
})

describe('identification', () => {
  it('finds who was enrolled by the same photograph, and says by which threshold', async () => {
    const photo = new File([new Uint8Array(await noisePhoto(5))], 'noise.png')
    const person = 'Somebody'
    await client.POST('/v1/galleries/{gallery}/people/{person}/faces', {
      params: { path: { gallery, person } },
      body: { photo: [photo] },
    })
    const { data } = await client.POST('/v1/galleries/{gallery}/identify', {
      params: { path: { gallery }, query: { faces: 'largest' } },
      body: { photo: [photo] },
    })
    const chosen = chooseSearchThreshold(THRESHOLDS, {}, 21)
    expect(data?.photos[0]?.faces).toMatchObject([
      { known: true, threshold: chosen.threshold, fpir: chosen.fpir, matches: [{ name: person }] },
    ])
    const verified = await client.POST('/v1/galleries/{gallery}/people/{person}/verify', {
      params: { path: { gallery, person }, query: { far: 0.01 } },
      body: { photo },
    })
    expect(verified.data).toMatchObject({ same: true, threshold: 0.3, far: 0.01, faces: 1 })
  })
})
