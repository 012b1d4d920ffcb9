import { GalleryError } from '@arcface/gallery'
import fastify from 'fastify'
import { expect, it } from 'vitest'
import { ServerError } from '../errors.js'
import { refuseByProblems } from './refusals.js'

it.each([
  [new GalleryError('GALLERY_LOCKED', 'another writes'), 503, '5'],
  [new ServerError('SERVER_RATE', 'too many', { retryAfter: 2.5 }), 429, '3'],
  [new GalleryError('GALLERY_DISK_FULL', 'full'), 507, undefined],
  [new GalleryError('GALLERY_PERSON', 'nobody'), 404, undefined],
])('of what passes it is told when to ask again: %s', async (error, status, seconds) => {
  const server = fastify()
  refuseByProblems(server)
  server.get('/', async () => {
    throw error
  })
  const answer = await server.inject('/')
  expect([answer.statusCode, answer.headers['retry-after']]).toEqual([status, seconds])
  expect(answer.json()).toMatchObject({ code: error.code })
})
