import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { App } from '../app/app.js'
import { faceOf, withEmbedding } from './answers.js'
import { eachPhotograph } from './photographs.js'
import { embedding, face, findQuery, flag, lively, photographs, problems } from './schemas.js'

const tags = ['photographs']
const pictures = { names: ['photo'], many: true } as const

/** Faces of photographs, and their embeddings. */
export const detect =
  (app: App): FastifyPluginAsyncZod =>
  async (server) => {
    const { recognizer } = app

    server.route({
      method: 'POST',
      url: '/detect',
      config: { scope: 'identify', work: 'photo' },
      schema: {
        tags,
        summary: 'Find the faces of photographs',
        querystring: findQuery.extend({ liveness: lively }),
        pictures,
        response: { 200: photographs(face), ...problems },
      },
      handler: (request) =>
        eachPhotograph(app, request, async (photo) => {
          const faces = await recognizer.detect(photo, { ...request.query, signal: request.gone })
          return faces.map(faceOf)
        }),
    })

    server.route({
      method: 'POST',
      url: '/embed',
      config: { scope: 'read', work: 'photo' },
      schema: {
        tags,
        summary: 'The embeddings of the faces of photographs',
        querystring: findQuery.extend({
          flip: flag.describe('Add that of the mirror image'),
          liveness: lively,
        }),
        pictures,
        response: { 200: photographs(face.extend({ embedding })), ...problems },
      },
      handler: (request) =>
        eachPhotograph(app, request, async (photo) => {
          const faces = await recognizer.embed(photo, { ...request.query, signal: request.gone })
          return faces.map(withEmbedding)
        }),
    })
  }
