import { type GalleryFace, photoHash } from '@arcface/gallery'
import { isOfPhoto } from '@arcface/recognize'
import { checkEnrollable, chooseSearchThreshold, type NewFace } from '@arcface/vision'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../app/app.js'
import { ServerError } from '../errors.js'
import { type Picture, readPictures } from '../http/pictures.js'
import { problemOf, problemSchema } from '../http/problem.js'
import {
  checkAddressable,
  faceParams,
  galleryOf,
  galleryOfModel,
  galleryParams,
  personParams,
} from './gallery.js'
import { done, flag, list, oneFaceQuery, pageSize, problems, similarity } from './schemas.js'

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

const enrolled = z
  .object({
    name: z.string().describe('Of the photograph'),
    id: z.string().optional(),
    added: z.boolean().optional().describe('false: the face was there already'),
    alike: z
      .object({ person: z.string(), face: z.string(), similarity })
      .nullable()
      .optional()
      .describe('Somebody else whom the face resembles: perhaps it is enrolled under a wrong name'),
    problem: problemSchema.optional().describe('It shows no face, or none that can be recognised'),
  })
  .meta({ id: 'Enrolled' })

const ids = z.array(z.string()).min(1).max(10_000)

/** Faces of a gallery. */
export const faces =
  (app: App): FastifyPluginAsyncZod =>
  async (server) => {
    const { recognizer, config } = app

    server.route({
      method: 'POST',
      url: '/galleries/:gallery/people/:person/faces',
      config: { scope: 'enroll', work: 'photo' },
      schema: {
        tags,
        summary: 'Enrol a person by photographs: a face of each',
        params: personParams,
        querystring: oneFaceQuery.extend({
          flip: flag,
          group: list.describe('Of a person who is not there yet'),
          id: z.string().optional().describe('Of the face, where there is one photograph'),
          alike: flag.describe('Tell whether somebody else is like it'),
        }),
        pictures: { names: ['photo'], many: true },
        response: { 201: z.object({ person: z.string(), faces: z.array(enrolled) }), ...problems },
      },
      handler: async (request, reply) => {
        const { person, gallery: name } = request.params
        checkAddressable(person)
        const { group: groups, id, alike, ...options } = request.query
        const gallery = await galleryOfModel(app, name)
        const [photos] = await readPictures(
          request,
          { names: ['photo'], many: true },
          config.limits,
        )
        if (id !== undefined && photos!.length > 1)
          throw new ServerError('SERVER_REQUEST', 'id: of one photograph, not of several')
        const embedded = async (photo: Picture): Promise<NewFace> => {
          const found = await recognizer.embedOne(photo, {
            ...options,
            thumbnails: config.thumbnails,
            signal: request.gone,
          })
          checkEnrollable(found, photo.name)
          const hash = await photoHash(photo)
          return {
            ...{ person, groups, embedding: found.embedding, source: photo.name },
            ...(found.thumbnail && { thumbnail: found.thumbnail }),
            ...(hash !== undefined && { photo: hash }),
            ...(id !== undefined && { id }),
          }
        }
        const results = await Promise.all(
          photos!.map((photo) =>
            embedded(photo).catch((error: unknown) => {
              if (photos!.length === 1 || !isMended(error)) throw error
              return { problem: problemOf(error) }
            }),
          ),
        )
        const given = results.filter((one): one is NewFace => !('problem' in one))
        request.gone.throwIfAborted()
        const added = await gallery.add(given)
        const others = alike
          ? await gallery.alike(
              added.filter((one) => one.added).map((one) => one.id),
              ({ faces }) => chooseSearchThreshold(recognizer.thresholds, {}, faces).threshold ?? 1,
            )
          : []
        const answers = results.map((one, i) => {
          const { name } = photos![i]!
          if ('problem' in one) return { name, problem: one.problem }
          const { id, added: isNew } = added[given.indexOf(one)]!
          const other = others.find(({ face }) => face === id)
          const found = other && {
            ...{ person: other.other, face: other.otherFace, similarity: other.similarity },
          }
          return { name, id, added: isNew, ...(alike && { alike: found ?? null }) }
        })
        return reply.code(201).send({ person, faces: answers })
      },
    })

    server.route({
      method: 'POST',
      url: '/galleries/:gallery/people/:person/embeddings',
      config: { scope: 'enroll' },
      schema: {
        tags,
        summary: "Enrol a person by embeddings of this server's model",
        params: personParams,
        body: z.strictObject({
          embeddings: z
            .array(z.array(z.number()).min(1).max(4096))
            .min(1)
            .max(config.limits.embeddings),
          groups: z.array(z.string()).max(1000).default([]),
        }),
        response: {
          201: z.object({
            person: z.string(),
            faces: z.array(z.object({ id: z.string(), added: z.boolean() })),
          }),
          ...problems,
        },
      },
      handler: async ({ params: { gallery: name, person }, body }, reply) => {
        checkAddressable(person)
        const gallery = await galleryOfModel(app, name)
        const { groups } = body
        const added = await gallery.add(
          body.embeddings.map((one) => ({ person, groups, embedding: Float32Array.from(one) })),
        )
        const answers = added.map(({ id, added: isNew }) => ({ id, added: isNew }))
        return reply.code(201).send({ person, faces: answers })
      },
    })

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

/** Whether one photograph of several is left out for it. */
const isMended = (error: unknown): boolean =>
  isOfPhoto(error) || (error as { code?: unknown }).code === 'VISION_NO_FACE'
