import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { connect } from '../client/client.js'
import { noisePhoto, type TestServer, testServer } from '../testing/server.js'

let server: TestServer
beforeAll(async () => {
  server = await testServer()
})
afterAll(() => server.close())

const metrics = async () => {
  const answer = await fetch(`${server.url}/metrics`)
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain/)
  const lines = (await answer.text()).split('\n').filter((line) => !line.startsWith('#'))
  return new Map(
    lines.filter(Boolean).map((line) => {
      const at = line.lastIndexOf(' ')
      return [line.slice(0, at), Number(line.slice(at + 1))] as const
    }),
  )
}

it('counts answers by the patterns of their routes, and what lies in galleries', async () => {
  const client = connect({ url: server.url })
  const person = 'Ada Lovelace'
  await client.POST('/v1/galleries', { body: { name: 'staff' } })
  const photo = await noisePhoto(1)
  const body = () => ({ photo: [new Blob([new Uint8Array(photo)])] })
  const params = { path: { gallery: 'staff', person } }
  const enrolled = await client.POST('/v1/galleries/{gallery}/people/{person}/faces', {
    params: { ...params, query: { faces: 'largest' } },
    body: body(),
  } as never)
  expect(enrolled.response.status).toBe(201)
  const { data } = await client.POST('/v1/detect', { body: body() })
  await client.POST('/v1/galleries/{gallery}/identify', {
    params: { path: { gallery: 'staff' } },
    body: body(),
  })
  await fetch(`${server.url}/v1/galleries/none/people/${person}`)
  await fetch(`${server.url}/nothing/${person}`)
  const found = await metrics()
  const route = '/v1/galleries/:gallery/people/:person'
  expect(found.get(`arcface_requests_total{method="GET",route="${route}",status="404"}`)).toBe(1)
  expect(found.get('arcface_requests_total{method="GET",route="none",status="404"}')).toBe(1)
  expect(found.get('arcface_request_seconds_count{route="/v1/detect"}')).toBe(1)
  expect(found.get('arcface_gallery_people{gallery="staff"}')).toBe(1)
  expect(found.get('arcface_gallery_faces{gallery="staff"}')).toBe(1)
  const faces = data!.photos[0]!.faces!.length
  expect(found.get('arcface_faces_total')).toBe(1 + 2 * faces)
  expect(found.get('arcface_searches_total')).toBe(faces)
  expect(found.get('arcface_queue_length{work="photo"}')).toBe(0)
  expect(found.get('arcface_body_bytes')).toBe(0)
  expect(found.get('process_resident_memory_bytes')).toBeGreaterThan(1e6)
  expect([...found.keys()].join('\n')).not.toContain('Lovelace')
})

it('lives, and is ready while its galleries are there', async () => {
  const get = (path: string) => fetch(`${server.url}${path}`)
  expect(await (await get('/health')).json()).toEqual({ status: 'alive' })
  expect(await (await get('/ready')).json()).toEqual({ status: 'ready' })
  rmSync(join(server.folder, 'galleries'), { recursive: true })
  const answer = await get('/ready')
  expect([answer.status, await answer.json()]).toMatchObject([503, { code: 'SERVER_STOPPING' }])
  expect((await get('/health')).status).toBe(200)
})
