import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../app/app.js'
import { ServerError } from '../errors.js'
import { checkAllGalleries } from '../keys/principal.js'
import { problems } from '../v1/schemas.js'

const tags = ['operation']
/** Seconds for the galleries to answer. */
const PATIENCE = 5

/** For who runs the server: whether it lives, whether requests should come here, what it counts. */
export const health =
  (app: App): FastifyPluginAsyncZod =>
  async (server) => {
    const { metrics, load, galleries } = app
    const config = { scope: 'public', work: 'none' } as const
    const status = z.object({ status: z.string() })

    server.route({
      method: 'GET',
      url: '/health',
      config,
      schema: { tags, summary: 'Does the server live?', response: { 200: status } },
      handler: async () => ({ status: 'alive' }),
    })

    server.route({
      method: 'GET',
      url: '/ready',
      config,
      schema: {
        tags,
        summary: 'Should requests come here? Not while it stops, or without its galleries',
        response: { 200: status, ...problems },
      },
      handler: async () => {
        if (!load.isReady) throw new ServerError('SERVER_STOPPING', 'the server is stopping')
        try {
          await within(PATIENCE, reach())
        } catch (cause) {
          throw new ServerError('SERVER_STOPPING', 'the galleries cannot be reached', { cause })
        }
        return { status: 'ready' }
      },
    })

    // Who asks again and again while they do not answer waits for the same answer.
    let reaching: Promise<unknown> | undefined
    const reach = () => {
      reaching ??= galleries.list().finally(() => {
        reaching = undefined
      })
      return reaching
    }

    server.route({
      method: 'GET',
      url: '/metrics',
      config: { ...config, scope: app.config.metrics === 'open' ? 'public' : 'admin' },
      schema: {
        tags,
        summary: 'What the server counts, for Prometheus',
        response: {
          200: { description: 'Text', content: { 'text/plain': { schema: z.string() } } },
          ...problems,
        },
      },
      handler: async ({ principal }, reply) => {
        // They name the galleries, also those that a key is not for.
        if (principal) checkAllGalleries(principal)
        return reply.type(metrics.type).send(await metrics.text())
      },
    })
  }

async function within(seconds: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('too late')), seconds * 1000)
  })
  try {
    await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
