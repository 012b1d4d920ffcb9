import { randomUUID } from 'node:crypto'
import { Writable } from 'node:stream'
import fastify, { type FastifyBaseLogger } from 'fastify'
import { expect, it } from 'vitest'
import { refuseByProblems } from '../http/refusals.js'
import { loggerOf } from './logger.js'

it('tells which route was asked, not whom it was about or with which key', async () => {
  let written = ''
  const sink = new Writable({
    write(chunk, _, done) {
      written += chunk
      done()
    },
  })
  const loggerInstance: FastifyBaseLogger = loggerOf({ log: 'debug' }, sink)
  const server = fastify({ loggerInstance })
  refuseByProblems(server)
  server.get('/static/:key/people/:person', async () => 'done')
  const key = randomUUID()
  const headers = { 'x-api-key': key, authorization: `Bearer ${key}`, cookie: key }
  for (const url of [`/static/${key}/people/Lovelace?q=Lovelace`, `/nothing/${key}/Lovelace`])
    await server.inject({ url, headers })
  const requests = written
    .trim()
    .split('\n')
    .flatMap((line) => JSON.parse(line).req ?? [])
  expect(requests).toEqual([
    { method: 'GET', route: '/static/:key/people/:person', remoteAddress: '127.0.0.1' },
    { method: 'GET', route: null, remoteAddress: '127.0.0.1' },
  ])
  expect(written).not.toContain(key)
  expect(written).not.toContain('Lovelace')
})
