import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { drawnCertificate } from '../testing/certificate.js'
import { type TestServer, testServer } from '../testing/server.js'

const room = mkdtempSync(join(tmpdir(), 'tls-'))
const files = { cert: join(room, 'cert.pem'), key: join(room, 'key.pem') }
const [first, second] = [drawnCertificate('first'), drawnCertificate('second')]

/** The key before the certificate, as two files cannot be exchanged at once. */
function write({ cert, key }: { cert: string; key: string }): void {
  writeFileSync(files.key, key)
  writeFileSync(files.cert, cert)
}

let server: TestServer
beforeAll(async () => {
  write(first)
  server = await testServer({ tls: files })
})
afterAll(async () => {
  await server.close()
  rmSync(room, { recursive: true })
})

/** Asks by a connection that is checked against both certificates. */
const ask = (agent: Agent) =>
  new Promise<{ name: string; reused: boolean; headers: Record<string, unknown> }>(
    (resolve, reject) => {
      const asked = request(`${server.url}/v1/model`, { agent }, (answer) => {
        const { CN } = (answer.socket as TLSSocket).getPeerCertificate().subject
        const { reusedSocket: reused } = asked
        answer
          .resume()
          .on('end', () => resolve({ name: String(CN), reused, headers: answer.headers }))
      })
      asked.on('error', reject).end()
    },
  )
const agentOf = () => new Agent({ ca: [first.cert, second.cert], keepAlive: true, maxSockets: 1 })

it('speaks TLS, from 1.2 on, and tells browsers to stay with it', async () => {
  expect(server.url).toMatch(/^https:/)
  const agent = agentOf()
  const { name, headers } = await ask(agent)
  expect([name, headers['strict-transport-security']]).toEqual(['first', 'max-age=31536000'])
  agent.destroy()
  const { port, hostname } = new URL(server.url)
  const old = connect({
    ...{ host: hostname, port: Number(port), ca: first.cert },
    ...{ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' },
  })
  await expect(
    new Promise((resolve, reject) => old.on('secureConnect', resolve).on('error', reject)),
  ).rejects.toThrow(/alert|version|protocol/i)
})

it('shows a new certificate to who connects, and keeps those who are connected', async () => {
  const kept = agentOf()
  expect(await ask(kept)).toMatchObject({ name: 'first' })
  writeFileSync(files.key, second.key) // does not fit its certificate yet
  const asked = async () => {
    const agent = agentOf()
    const { name } = await ask(agent)
    agent.destroy()
    return name
  }
  await server.reload()
  expect(await asked()).toBe('first')
  write(second)
  await vi.waitUntil(async () => (await asked()) === 'second', { timeout: 10_000 })
  expect(await ask(kept)).toMatchObject({ name: 'first', reused: true })
  kept.destroy()
})

it.each([
  ['a key of another', { cert: first.cert, key: second.key }],
  ['none', { cert: '', key: '' }],
  ['cut short', { cert: first.cert.slice(0, 200), key: first.key }],
])('does not start with a certificate that is wrong: %s', async (_, { cert, key }) => {
  const tls = { cert: join(room, 'wrong.pem'), key: join(room, 'wrong.key') }
  writeFileSync(tls.cert, cert)
  writeFileSync(tls.key, key)
  const started = testServer({ tls })
  await expect(started).rejects.toMatchObject({ code: 'SERVER_CONFIG' })
  await expect(started).rejects.toThrow(/^tls: .*wrong\.pem/)
})
