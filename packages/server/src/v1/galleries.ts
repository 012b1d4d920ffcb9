import { type Gallery, galleryModel } from '@arcface/gallery'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../app/app.js'
import { allow, mayUse, principalOf } from '../keys/principal.js'
import { modelOf } from './answers.js'
import { galleryOf, galleryParams } from './gallery.js'
import { done, problems } from './schemas.js'

const tags = ['galleries']

const gallery = z
  .object({
    name: z.string(),
    people: z.int(),
    faces: z.int(),
    search: z
      .enum(['exact', 'index'])
      .describe('Every face is compared, or an index on disk asked'),
    bytes: z.number().nullable().describe('On disk; null on object storage'),
    model: z.object({ name: z.string(), sha256: z.string(), dim: z.int() }),
    usable: z.boolean().describe("Whether its embeddings are of this server's model"),
  })
  .meta({ id: 'Gallery' })

/** Galleries as a whole. */
export const galleries =
  (app: App): FastifyPluginAsyncZod =>
  async (server) => {
    const own = galleryModel(app.recognizer)
    const described = async (name: string, one: Gallery) => {
      const { model, ...stats } = await one.stats()
      return {
        name,
        ...stats,
        model: modelOf(model),
        usable: model.sha256 === own.sha256,
      }
    }

    server.route({
      method: 'GET',
      url: '/galleries',
      config: { scope: 'read' },
      schema: {
        tags,
        summary: 'The names of the galleries that the key is for',
        response: { 200: z.object({ galleries: z.array(z.string()) }), ...problems },
      },
      handler: async (request) => {
        const names = await app.galleries.list()
        return { galleries: names.filter((name) => mayUse(principalOf(request), name)) }
      },
    })

    server.route({
      method: 'POST',
      url: '/galleries',
      config: { scope: 'admin' },
      schema: {
        tags,
        summary: "Make a gallery of this server's model",
        body: z.strictObject({ name: z.string() }),
        response: { 201: gallery, ...problems },
      },
      handler: async (request, reply) => {
        const { name } = request.body
        allow(principalOf(request), 'admin', name)
        return reply.code(201).send(await described(name, await app.galleries.create(name, own)))
      },
    })

    server.route({
      method: 'GET',
      url: '/galleries/:gallery',
      config: { scope: 'read' },
      schema: {
        tags,
        summary: 'A gallery: how many people and faces, of which model',
        params: galleryParams,
        response: { 200: gallery, ...problems },
      },
      handler: async ({ params }) =>
        described(params.gallery, await galleryOf(app, params.gallery)),
    })

    server.route({
      method: 'DELETE',
      url: '/galleries/:gallery',
      config: { scope: 'admin' },
      schema: {
        tags,
        summary: 'Delete a gallery with everybody in it',
        params: galleryParams,
        response: { 204: done, ...problems },
      },
      handler: async ({ params }, reply) => {
        await app.galleries.delete(params.gallery)
        return reply.code(204).send(null)
      },
    })
  }
