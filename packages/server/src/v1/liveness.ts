import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { App } from '../app/app.js'
import { faceOf } from './answers.js'
import { eachPhotograph } from './photographs.js'
import { face, findQuery, photographs, problems } from './schemas.js'

/** Whether the faces of photographs look like living ones. */
export const liveness =
  (app: App): FastifyPluginAsyncZod =>
  async (server) => {
    server.route({
      method: 'POST',
      url: '/liveness',
      config: { scope: 'identify', work: 'photo' },
      schema: {
        tags: ['photographs'],
        summary: 'Do the faces of photographs look alive, or like pictures of faces?',
        querystring: findQuery,
        pictures: { names: ['photo'], many: true },
        response: { 200: photographs(face), ...problems },
      },
      handler: (request) =>
        eachPhotograph(app, request, async (photo) => {
          const options = { ...request.query, signal: request.gone }
          return (await app.recognizer.liveness(photo, options)).map(faceOf)
        }),
    })
  }
