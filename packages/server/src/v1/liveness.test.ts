import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parsePack, pullPack, Recognizer } from '@arcface/recognize'
import { livenessNetwork, livenessPack } from '@arcface/testing'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { connect } from '../client/client.js'
import { drawnModels, noisePhoto, type TestServer, testServer } from '../testing/server.js'

/** A pack of one's own, as whoever runs a server writes it. */
const measured = [{ by: 'arcface', on: 'photographs', bpcer: 0.02, bpcerLimits: [0.004, 0.062] }]

const pack = livenessPack([{ threshold: 0.9, measured }])

describe.skipIf(!existsSync(livenessNetwork))('liveness over HTTP', () => {
  const cache = mkdtempSync(join(tmpdir(), 'live-'))
  let server: TestServer
  let client: ReturnType<typeof connect>
  let photo: string
  beforeAll(async () => {
    vi.stubEnv('ARCFACE_CACHE', cache)
    await pullPack(parsePack(pack, 'live'), { allowUnverified: true })
    server = await testServer({ liveness: { pack: 'live', threshold: 0.9 } })
    client = connect({ url: server.url })
    photo = (await noisePhoto(1)).toString('base64')
    await client.POST('/v1/galleries', { body: { name: 'people' } })
  })
  afterAll(async () => {
    await server?.close()
    vi.unstubAllEnvs()
    rmSync(cache, { recursive: true })
  })

  const ways = {
    '/v1/liveness': () => client.POST('/v1/liveness', { body: { photo } }),
    '/v1/detect': () =>
      client.POST('/v1/detect', { params: { query: { liveness: 'true' } }, body: { photo } }),
    '/v1/embed': () =>
      client.POST('/v1/embed', { params: { query: { liveness: 'true' } }, body: { photo } }),
    identify: () =>
      client.POST('/v1/galleries/{gallery}/identify', {
        params: { path: { gallery: 'people' }, query: { liveness: 'true' } },
        body: { photo },
      }),
  }

  it.each(Object.entries(ways))(
    'is a field of the faces of %s, as the library has it',
    async (_, ask) => {
      const models = drawnModels(cache)
      const recognizer = await Recognizer.open({
        model: models.model,
        detector: models.detector,
        quality: false,
        liveness: { pack: 'live', threshold: 0.9 },
      })
      const expected = await recognizer.liveness(Buffer.from(photo, 'base64'))
      await recognizer.close()
      const { data } = (await ask()) as { data?: { photos: { faces?: object[] }[] } }
      const faces = data!.photos[0]!.faces!
      expect(faces.length).toBe(expected.length)
      expect(expected.length).toBeGreaterThan(0)
      expected.forEach(({ liveness: { stands, ...one } }, i) => {
        const score = expect.closeTo(one.score, 4)
        const scores = [{ model: 'live.onnx', score }]
        const liveness = { ...one, unsure: [...one.unsure], score, scores, measured }
        expect(stands).toEqual({ threshold: 0.9, measured })
        expect(faces[i]).toMatchObject({ liveness })
      })
    },
  )

  it('is left out where it was not asked for, and part of a verdict where it was', async () => {
    const { data: plain } = await client.POST('/v1/detect', { body: { photo } })
    expect(plain!.photos[0]!.faces![0]).not.toHaveProperty('liveness')
    const { data } = await client.POST('/v1/verify', {
      params: { query: { liveness: 'true' } },
      body: { a: photo, b: photo },
    })
    expect(data!.a.liveness).toEqual(data!.b.liveness)
    expect(data!.a.liveness).toMatchObject({ threshold: 0.9 })
  })

  it('is an error with what to do where there is no network', async () => {
    const bare = await testServer({ liveness: { pack: 'nowhere' } })
    const { error } = await connect({ url: bare.url }).POST('/v1/liveness', { body: { photo } })
    expect(error?.code).toBe('RECOGNIZE_PACK')
    await bare.close()
  })
})
