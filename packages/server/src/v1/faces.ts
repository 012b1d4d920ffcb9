import type { GalleryFace } from '@arcface/gallery'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../app/app.js'
import { note } from '../audit/note.js'
import { checkAddressable, faceParams, galleryOf, galleryParams, personParams } from './gallery.js'
import { done, pageSize, problems } from './schemas.js'
import { sendThumbnail, thumbnailAnswer } from './thumbnail.js'

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

/** A place among the faces of a person, which stays one when its face is deleted. */
const PLACE = /^\d{1,15}\.[0-9a-zA-Z-]{1,64}$/
const placeOf = ({ added, id }: GalleryFace) => `${added.getTime()}.${id}`
const placeIn = (text: string) => {
  const [milliseconds, id] = text.split('.') as [string, string]
  return { added: new Date(Number(milliseconds)), id }
}

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
          after: z
            .string()
            .regex(PLACE)
            .optional()
            .describe('Those behind this place: the `next` of a page before'),
          limit: pageSize,
        }),
        response: {
          200: z.object({
            faces: z.array(storedFace),
            next: z.string().nullable().describe('null: this is the last'),
          }),
          ...problems,
        },
      },
      handler: async ({ params, query: { after, limit } }) => {
        const gallery = await galleryOf(app, params.gallery)
        const found = await gallery.faces(params.person, {
          limit,
          ...(after !== undefined && { after: placeIn(after) }),
        })
        return {
          faces: found.map(storedOf),
          next: found.length === limit ? placeOf(found.at(-1)!) : null,
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
        response: thumbnailAnswer,
      },
      serializerCompiler: () => (data) => data as never,
      handler: async ({ params }, reply) =>
        sendThumbnail(reply, await (await galleryOf(app, params.gallery)).thumbnail(params.face)),
    })

    server.route({
      method: 'GET',
      url: '/galleries/:gallery/people/:person/thumbnail',
      config: { scope: 'read' },
      schema: {
        tags,
        summary: "One of a person's faces as a small picture",
        params: personParams,
        produces: ['image/jpeg'],
        response: thumbnailAnswer,
      },
      serializerCompiler: () => (data) => data as never,
      handler: async ({ params }, reply) =>
        sendThumbnail(reply, await (await galleryOf(app, params.gallery)).portrait(params.person)),
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
        summary: 'Give faces to somebody else, who is there or made for it',
        params: galleryParams,
        body: z.strictObject({
          ids,
          to: z.string(),
          new: z.boolean().default(false).describe('Make this person, or refuse if one is there'),
        }),
        response: { 204: done, ...problems },
      },
      handler: async (request, reply) => {
        const { ids, to, new: isNew } = request.body
        note(request, { people: [to] })
        const gallery = await galleryOf(app, request.params.gallery)
        if (isNew) {
          checkAddressable(to)
          await gallery.split(ids, to)
        } else await gallery.moveFaces(ids, to)
        return reply.code(204).send(null)
      },
    })
  }
