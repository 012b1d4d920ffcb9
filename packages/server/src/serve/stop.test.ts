import { expect, it } from 'vitest'
import { RawClient } from '../testing/connection.js'
import { noisePhoto, testServer } from '../testing/server.js'

it('a server that stops is not ready first, then answers what it took and refuses more', async () => {
  const server = await testServer({ stop: { leaveSeconds: 0.5 } })
  const photo = await noisePhoto(3)
  const head = { 'Content-Type': 'image/png', 'Content-Length': photo.length }
  const idle = new RawClient(server.url).send('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n')
  const [taken, late] = [new RawClient(server.url), new RawClient(server.url)]
  await idle.until(/alive/)
  const stopping = server.close()
  const ready = await fetch(`${server.url}/ready`)
  expect([ready.status, await ready.json()]).toMatchObject([503, { code: 'SERVER_STOPPING' }])
  // Its body comes when nothing more is taken.
  taken.post('/v1/detect', head).send(photo.subarray(0, 100))
  await idle.send('GET /v1/model HTTP/1.1\r\nHost: localhost\r\n\r\n').until(/200 OK[\s\S]*200 OK/)
  await new Promise((resolve) => setTimeout(resolve, 600))
  late.post('/v1/detect', head).send(photo)
  const refused = await late.closed
  expect(refused).toMatch(/^HTTP\/1\.1 503 [\s\S]*connection: close[\s\S]*SERVER_STOPPING/)
  expect(refused).toMatch(/retry-after: \d/)
  taken.send(photo.subarray(100))
  expect(await taken.closed).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*"faces"/)
  await stopping
  await idle.closed
  await expect(fetch(`${server.url}/health`)).rejects.toThrow()
})

it('waits for what it took no longer than it may', async () => {
  const server = await testServer({ stop: { finishSeconds: 0.1 } })
  const head = { 'Content-Type': 'image/png', 'Content-Length': 1000 }
  const slow = new RawClient(server.url).post('/v1/detect', head)
  await new RawClient(server.url)
    .send('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n')
    .until(/alive/)
  await server.close()
  expect(await slow.closed).toBe('')
})
