import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../app/app.js'
import { modelOf } from './answers.js'
import { problems } from './schemas.js'

const model = z
  .object({
    name: z.string(),
    sha256: z.string(),
    dim: z.int(),
    thresholds: z
      .object({
        source: z.string().describe('The pairs on which they were measured'),
        cosine: z.record(z.string(), z.number()).describe('By false accept rate'),
        calibrated: z.boolean(),
      })
      .nullable(),
    preprocessing: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'Model' })

/** What embeddings come from, and at which thresholds faces are the same. */
export const modelRoutes =
  (app: App): FastifyPluginAsyncZod =>
  async (server) => {
    server.route({
      method: 'GET',
      url: '/model',
      config: { scope: 'identify' },
      schema: {
        tags: ['model'],
        summary: 'The model of this server, and its thresholds',
        response: { 200: model, ...problems },
      },
      handler: async () => {
        const { recognizer } = app
        const { thresholds } = recognizer
        return {
          ...modelOf(recognizer.model),
          thresholds: thresholds
            ? {
                source: thresholds.source,
                cosine: thresholds.cosine,
                calibrated: thresholds.calibration !== undefined,
              }
            : null,
          preprocessing: { ...recognizer.preprocessing.preprocessing },
        }
      },
    })
  }
