import type { GalleryFace } from '@arcface/gallery'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../app/app.js'
import { faceParams, galleryOf, galleryParams, personParams } from './gallery.js'
import { done, pageSize, problems } from './schemas.js'

const tags = ['faces']

const storedFace = z
  .object({
    id: z.string(),
    person: z.string(),
    source: z.string().nullable().describe('Where it comes from: the name of a file'),
    photo: z.string().nullable().describe("sha-256 of the photograph's file"),
    added: z.iso.datetime(),
  })
  .meta({ id: 'StoredFace' })

const storedOf = ({ id, person, source, photo, added }: GalleryFace) => ({
  ...{ id, person, source, photo, added: added.toISOString() },
})

const ids = z.array(z.string()).min(1).max(10_000)

/** Faces of a gallery. */
export const faces =
  (app: App): FastifyPluginAsyncZod =>
  async (server) => {
    server.route({
      method: 'GET',
      url: '/galleries/:gallery/people/:person/faces',
      config: { scope: 'read' },
      schema: {
        tags,
        summary: "A person's faces in the order in which they came, a page at a time",
        params: personParams,
        querystring: z.strictObject({
          after: z.string().optional().describe('Those behind the face of this id'),
          limit: pageSize,
        }),
        response: {
          200: z.object({ faces: z.array(storedFace), next: z.string().nullable() }),
          ...problems,
        },
      },
      handler: async ({ params, query: { after, limit } }) => {
        const gallery = await galleryOf(app, params.gallery)
        const from = after === undefined ? undefined : await gallery.face(after)
        const found = await gallery.faces(params.person, {
          limit,
          ...(from && { after: { id: from.id, added: from.added } }),
        })
        return {
          faces: found.map(storedOf),
          next: found.length === limit ? found.at(-1)!.id : null,
        }
      },
    })

    server.route({
      method: 'GET',
      url: '/galleries/:gallery/faces/:face',
      config: { scope: 'read' },
      schema: {
        tags,
        summary: 'A face',
        params: faceParams,
        response: { 200: storedFace, ...problems },
      },
      handler: async ({ params }) =>
        storedOf(await (await galleryOf(app, params.gallery)).face(params.face)),
    })

    server.route({
      method: 'GET',
      url: '/galleries/:gallery/faces/:face/thumbnail',
      config: { scope: 'read' },
      schema: {
        tags,
        summary: 'The aligned face as a small picture',
        params: faceParams,
        produces: ['image/jpeg'],
        response: {
          200: {
            description: 'JPEG, 112 x 112',
            content: { 'image/jpeg': { schema: z.unknown() } },
          },
          204: done.describe('None was kept'),
          ...problems,
        },
      },
      serializerCompiler: () => (data) => data as never,
      handler: async ({ params }, reply) => {
        const picture = await (await galleryOf(app, params.gallery)).thumbnail(params.face)
        reply.header('cache-control', 'private, no-store')
        if (picture === null) return reply.code(204).send(null)
        return reply.type('image/jpeg').send(Buffer.from(picture))
      },
    })

    server.route({
      method: 'DELETE',
      url: '/galleries/:gallery/faces/:face',
      config: { scope: 'delete' },
      schema: {
        tags,
        summary: 'Delete a face and its bytes; the person stays',
        params: faceParams,
        response: { 204: done, ...problems },
      },
      handler: async ({ params }, reply) => {
        const gallery = await galleryOf(app, params.gallery)
        await gallery.checkIds([params.face])
        await gallery.deleteFaces([params.face])
        return reply.code(204).send(null)
      },
    })

    server.route({
      method: 'POST',
      url: '/galleries/:gallery/faces/delete',
      config: { scope: 'delete' },
      schema: {
        tags,
        summary: 'Delete many faces at once; ids that are not there are passed over',
        params: galleryParams,
        body: z.strictObject({ ids }),
        response: { 200: z.object({ deleted: z.int() }), ...problems },
      },
      handler: async ({ params, body }) => ({
        deleted: await (await galleryOf(app, params.gallery)).deleteFaces(body.ids),
      }),
    })

    server.route({
      method: 'POST',
      url: '/galleries/:gallery/faces/move',
      config: { scope: 'enroll' },
      schema: {
        tags,
        summary: 'Give faces to somebody else, who is there',
        params: galleryParams,
        body: z.strictObject({ ids, to: z.string() }),
        response: { 204: done, ...problems },
      },
      handler: async ({ params, body: { ids, to } }, reply) => {
        await (await galleryOf(app, params.gallery)).moveFaces(ids, to)
        return reply.code(204).send(null)
      },
    })
  }
