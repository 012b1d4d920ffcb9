import { randomUUID } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { Writable } from 'node:stream'
import fastify, { type FastifyBaseLogger } from 'fastify'
import { expect, it } from 'vitest'
import { watchClient } from '../http/gone.js'
import { refuseByProblems } from '../http/refusals.js'
import { loggerOf } from './logger.js'

interface Line {
  readonly req?: object
  readonly err?: { readonly message: string }
}

/** A server whose log can be read. */
function logged(log: 'debug' | 'error') {
  let written = ''
  const sink = new Writable({
    write(chunk, _, done) {
      written += chunk
      done()
    },
  })
  const loggerInstance: FastifyBaseLogger = loggerOf({ log }, sink)
  const server = fastify({ loggerInstance })
  refuseByProblems(server)
  const lines = () => (written.match(/.+/g) ?? []).map((line) => JSON.parse(line) as Line)
  return { server, lines }
}

it('tells which route was asked, not whom it was about or with which key', async () => {
  const { server, lines } = logged('debug')
  server.get('/static/:key/people/:person', async () => 'done')
  const key = randomUUID()
  const headers = { 'x-api-key': key, authorization: `Bearer ${key}`, cookie: key }
  for (const url of [`/static/${key}/people/Lovelace?q=Lovelace`, `/nothing/${key}/Lovelace`])
    await server.inject({ url, headers })
  const requests = lines().flatMap(({ req }) => req ?? [])
  expect(requests).toEqual([
    { method: 'GET', route: '/static/:key/people/:person', remoteAddress: '127.0.0.1' },
    { method: 'GET', route: null, remoteAddress: '127.0.0.1' },
  ])
  expect(JSON.stringify(lines())).not.toContain(key)
  expect(JSON.stringify(lines())).not.toContain('Lovelace')
})

it('tells of what fails, but not where a client broke it off by going', async () => {
  const { server, lines } = logged('error')
  server.addHook('onRequest', async (request, reply) => watchClient(request, reply))
  const phase = new EventEmitter()
  const [asked, over] = [once(phase, 'asked'), once(phase, 'over')]
  server.get('/waits', async ({ gone }) => {
    phase.emit('asked')
    await once(gone, 'abort')
    throw new Error('broken off')
  })
  server.get('/fails', async () => {
    throw new Error('of its own')
  })
  server.addHook('onError', async (_, __, { message }) => {
    if (message === 'broken off') phase.emit('over')
  })
  const url = await server.listen({ port: 0 })
  const leave = new AbortController()
  const left = fetch(`${url}/waits`, { signal: leave.signal })
  await asked
  leave.abort()
  await expect(left).rejects.toThrow()
  await over
  expect((await fetch(`${url}/fails`)).status).toBe(500)
  await server.close()
  expect(lines().map(({ err }) => err?.message)).toEqual(['of its own'])
})
