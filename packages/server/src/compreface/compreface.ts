import type { FastifyInstance } from 'fastify'
import type { App } from '../app/app.js'
import { leaveOutScores } from '../keys/scores.js'
import { about } from './about.js'
import { readJsonLeniently } from './bodies.js'
import { embeddings } from './embeddings.js'
import { faces } from './faces.js'
import { photographs } from './photographs.js'
import { answerRefusal, ComprefaceRefusal, keyOf, keyRefusal, UUID } from './refusals.js'
import { subjects } from './subjects.js'

/** Of its addresses. */
export const PREFIX = '/api/v1'

/**
 * CompreFace's API (1.2), so that its clients go on: the same addresses, parameters and answers, quirks included. What is
 * said beside its fields stands in fields that it does not have. It is not part of our OpenAPI.
 */
export const compreface = (app: App) => async (server: FastifyInstance) => {
  server.setErrorHandler(answerRefusal)
  server.setNotFoundHandler((request, reply) =>
    answerRefusal(new ComprefaceRefusal('route'), request, reply),
  )
  server.addHook('onRoute', (route) => {
    route.schema = { ...route.schema, hide: true }
  })
  // Its clients always send a key, so that one is asked for here where the server asks for none.
  server.addHook('onRequest', async (request) => {
    const { scope = 'public' } = request.routeOptions.config
    if (scope !== 'public' && !UUID.test(keyOf(request) ?? '')) throw keyRefusal(keyOf(request))
  })
  // Similarities are 1 and 0 then: its clients need some.
  server.addHook('preSerialization', leaveOutScores(new Set(['embedding'])))
  readJsonLeniently(server)
  for (const routes of [about, subjects, faces, photographs, embeddings])
    await server.register(routes(app))
}
