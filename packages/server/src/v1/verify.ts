import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../app/app.js'
import { inputOf, note } from '../audit/note.js'
import { readPictures } from '../http/pictures.js'
import { faceOf } from './answers.js'
import {
  chosen,
  face,
  far,
  flag,
  lively,
  oneFaceQuery,
  operated,
  probability,
  problems,
  similarity,
  threshold,
} from './schemas.js'

const pictures = { names: ['a', 'b'] } as const

const verification = z
  .object({
    same: z.boolean().nullable().describe('null: no threshold is known, or a face is rejected'),
    similarity,
    ...chosen,
    ...probability,
    rejected: z.array(z.string()),
    a: face,
    b: face,
  })
  .meta({ id: 'Verification' })

/** Whether two photographs show the same person. */
export const verify =
  (app: App): FastifyPluginAsyncZod =>
  async (server) => {
    server.route({
      method: 'POST',
      url: '/verify',
      config: { scope: 'identify', work: 'photo' },
      schema: {
        tags: ['photographs'],
        summary: 'Do two photographs show the same person?',
        headers: operated,
        querystring: oneFaceQuery.extend({ far, threshold, flip: flag, liveness: lively }),
        pictures,
        response: { 200: verification, ...problems },
      },
      handler: async (request) => {
        const [first, second] = await readPictures(request, pictures, app.config.limits)
        const { a, b, ...verdict } = await app.recognizer.verify(first![0]!, second![0]!, {
          ...request.query,
          signal: request.gone,
        })
        app.metrics.found(2)
        const { same: known, threshold, far } = verdict
        const told = [{ known, people: [], threshold, far }]
        note(request, { inputs: [inputOf(first![0]!, told), inputOf(second![0]!, told)] })
        return { ...verdict, rejected: [...verdict.rejected], a: faceOf(a), b: faceOf(b) }
      },
    })
  }
