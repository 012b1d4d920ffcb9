import type { FastifyInstance } from 'fastify'
import plugin from 'fastify-plugin'
import type { Metrics } from './metrics.js'

/** Counts answers by the patterns of their routes. */
export const measure = (metrics: Metrics) =>
  plugin(async (server: FastifyInstance) => {
    server.addHook('onResponse', async ({ method, routeOptions }, reply) =>
      metrics.answered(
        method,
        routeOptions.url ?? 'none',
        reply.statusCode,
        reply.elapsedTime / 1000,
      ),
    )
  })
