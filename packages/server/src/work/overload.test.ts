import fastify from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkConfig } from '../config/load.js'
import { RawClient } from '../testing/connection.js'
import { noisePhoto, type TestServer, testServer } from '../testing/server.js'
import { watchConnections } from './admission.js'

const png = { 'Content-Type': 'image/png' }
let photo: Buffer
beforeAll(async () => {
  photo = await noisePhoto(1)
})

const detect = ({ url }: TestServer, body: Uint8Array = photo) =>
  fetch(`${url}/v1/detect`, { method: 'POST', body: new Uint8Array(body), headers: png })

/** A line of the metrics. */
async function metric({ url }: TestServer, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const line = text.split('\n').find((one) => one.startsWith(`${name} `))
  return line === undefined ? 0 : Number(line.slice(name.length))
}

/** Waits until a line of the metrics is so. */
async function settled(server: TestServer, name: string, value: number): Promise<void> {
  while ((await metric(server, name)) !== value)
    await new Promise((resolve) => setTimeout(resolve, 20))
}

describe('a server with more work than it will be done with in time', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await testServer({ load: { waitSeconds: 0.1 } })
  })
  afterAll(() => server.close())

  it('answers everybody: with 503 and a time to ask again, before bodies are read, whom it does not serve', async () => {
    const answers = await Promise.all(Array.from({ length: 60 }, () => detect(server)))
    const statuses = new Set(answers.map(({ status }) => status))
    expect([...statuses].sort()).toEqual([200, 503])
    for (const answer of answers.filter(({ status }) => status === 503)) {
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
      expect(await answer.json()).toMatchObject({ code: 'SERVER_BUSY', status: 503 })
    }
    const refused = answers.filter(({ status }) => status === 503).length
    expect(await metric(server, 'arcface_refused_total{why="wait"}')).toBe(refused)
    await settled(server, 'arcface_queue_length{work="photo"}', 0)
    expect((await detect(server)).status).toBe(200)
  })

  it('refuses one whose body has not come, and serves its connection afterwards', async () => {
    const others = Array.from({ length: 60 }, () => detect(server))
    await settled(server, 'arcface_queue_length{work="photo"}', 0).catch(() => undefined)
    await Promise.all(others)
    const client = new RawClient(server.url)
    const waiting = Array.from({ length: 60 }, () => detect(server))
    await (await Promise.race(waiting)).text()
    client.post('/v1/detect', { ...png, 'Content-Length': photo.length })
    await client.until(/^HTTP\/1\.1 503/)
    client.send(photo).send('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await client.until(/"alive"/)
    client.socket.destroy()
    await Promise.all(waiting)
  })

  it('drops the work of clients that have gone, whether it waits or is still to come', async () => {
    const each = (await (await detect(server)).json()) as { photos: { faces: object[] }[] }
    const faces = each.photos[0]!.faces.length
    const patient = await testServer({ load: { waitSeconds: 60 } })
    const clients = Array.from({ length: 40 }, () =>
      new RawClient(patient.url)
        .post('/v1/detect', { ...png, 'Content-Length': photo.length })
        .send(photo),
    )
    const half = new RawClient(patient.url)
      .post('/v1/detect', { ...png, 'Content-Length': photo.length })
      .send(photo.subarray(0, 1000))
    await Promise.race(clients.map((client) => client.until(/^HTTP\/1\.1 200/)))
    for (const client of [...clients, half]) client.socket.destroy()
    await settled(patient, 'arcface_requests', 0)
    expect(await metric(patient, 'arcface_body_bytes')).toBe(0)
    expect(await metric(patient, 'arcface_queue_length{work="photo"}')).toBe(0)
    expect((await detect(patient)).status).toBe(200)
    // Those that were answered or in work, and the last.
    expect(await metric(patient, 'arcface_faces_total')).toBeLessThan(20 * faces)
    await patient.close()
  })

  it('has a bound of bytes, and one of what an address sends at once', async () => {
    const small = await testServer({ load: { memoryBytes: 100_000 } })
    const slow = new RawClient(small.url).post('/v1/detect', { ...png, 'Content-Length': 90_000 })
    await settled(small, 'arcface_body_bytes', 90_000)
    const answer = await detect(small)
    expect([answer.status, await answer.json()]).toMatchObject([429, { code: 'SERVER_RATE' }])
    expect(answer.headers.get('retry-after')).toBe('2')
    slow.socket.destroy()
    await settled(small, 'arcface_body_bytes', 0)
    expect((await detect(small)).status).toBe(200)
    await small.close()
  })
})

describe('slow clients', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await testServer({ limits: { headersSeconds: 1 } })
  })
  afterAll(() => server.close())

  it('are ended by 408, whatever they do not send, and others are served meanwhile', async () => {
    const bodies = [
      { path: '/v1/detect', length: { 'Content-Length': 100_000 } },
      { path: '/v1/detect', length: { 'Transfer-Encoding': 'chunked' } },
    ].map(({ path, length }) => new RawClient(server.url).post(path, { ...png, ...length }))
    const form = 'multipart/form-data; boundary=x'
    bodies.push(
      new RawClient(server.url)
        .post('/v1/detect', { 'Content-Type': form, 'Content-Length': 9000 })
        .send('--x\r\nContent-Disposition: form-data; name="photo"; filename="a"\r\n\r\nhalf'),
    )
    const drip = setInterval(() => {
      for (const { socket } of bodies.slice(0, 1)) socket.write('x')
    }, 100)
    const loris = Array.from({ length: 300 }, () =>
      new RawClient(server.url).send('GET /health HTTP/1.1\r\nHost: localhost\r\nX-Slow: '),
    )
    const silent = new RawClient(server.url)
    // They hold no place for more than a moment.
    await settled(server, 'arcface_queue_length{work="photo"}', 0)
    for (let i = 0; i < 5; i++) expect((await detect(server)).status).toBe(200)
    for (const client of [...loris, silent])
      expect(await client.closed).toMatch(/^HTTP\/1\.1 408 [\s\S]*SERVER_TIMEOUT/)
    for (const client of bodies)
      expect(await client.closed).toMatch(/^HTTP\/1\.1 408 [\s\S]*"code":"SERVER_TIMEOUT"/)
    clearInterval(drip)
    await settled(server, 'arcface_body_bytes', 0)
    expect(await metric(server, 'arcface_refused_total{why="slow"}')).toBe(3)
  }, 20_000)

  it('that are refused and never send their body lose the connection', async () => {
    const head = 'POST /v1/detect HTTP/1.1\r\nHost: elsewhere\r\nContent-Length: 9000\r\n\r\n'
    const client = new RawClient(server.url).send(head)
    expect(await client.closed).toMatch(/^HTTP\/1\.1 403[\s\S]*SERVER_ORIGIN/)
  }, 20_000)

  it('that do not read their answer lose the connection', async () => {
    const app = fastify()
    const config = checkConfig({ limits: { answerSeconds: 1 } })
    await app.register(watchConnections({ config, onRefusal: () => undefined }))
    app.get('/', async () => Buffer.alloc(50_000_000))
    const gone = new Promise((resolve) => {
      app.addHook('onRequest', async ({ raw }) => {
        raw.socket.once('close', resolve)
      })
    })
    const client = new RawClient(await app.listen())
    client.socket.pause()
    client.send('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await gone
    client.socket.resume()
    expect((await client.closed).length).toBeLessThan(50_000_000)
    await app.close()
  })
})

it('a client that still writes when it is refused reads the answer', async () => {
  const server = await testServer({ limits: { photoBytes: 1000 } })
  const answer = await detect(server, Buffer.alloc(30_000_000))
  expect([answer.status, await answer.json()]).toMatchObject([413, { code: 'SERVER_TOO_LARGE' }])
  await server.close()
})
