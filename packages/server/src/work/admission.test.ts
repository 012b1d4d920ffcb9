import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestServer, testServer } from '../testing/server.js'

let server: TestServer
beforeAll(async () => {
  server = await testServer({ load: { memoryBytes: 1000 } })
})
afterAll(() => server.close())

const held = async () => {
  const text = await (await fetch(`${server.url}/metrics`)).text()
  return Number(/^arcface_body_bytes (\d+)$/m.exec(text)?.[1])
}

it('counts the body of a request that costs little, from its headers to its answer', async () => {
  const body = JSON.stringify({ name: 'staff' })
  const { hostname, port } = new URL(server.url)
  const socket = connect(Number(port), hostname)
  socket.write(
    `POST /v1/galleries HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n`,
  )
  await expect.poll(held).toBe(900)
  const headers = { 'content-type': 'application/json' }
  const second = await fetch(`${server.url}/v1/galleries`, { method: 'POST', headers, body })
  expect([second.status, await second.json()]).toMatchObject([429, { code: 'SERVER_RATE' }])
  socket.write(body.padEnd(900))
  const [answer] = await once(socket, 'data')
  expect(String(answer)).toMatch(/^HTTP\/1.1 201 /)
  expect(await held()).toBe(0)
  socket.destroy()
})
