import { normalName } from '@arcface/gallery'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../app/app.js'
import { note } from '../audit/note.js'
import { allow, principalOf } from '../keys/principal.js'
import { checkAddressable, galleryOfModel } from './gallery.js'
import { jobOf, jobParams } from './jobs.js'
import { problems } from './schemas.js'
import { sendThumbnail, thumbnailAnswer } from './thumbnail.js'

const tags = ['jobs']

/** Strangers that a job has found: their faces, and the names that a person gives them. */
export const strangers =
  (app: App): FastifyPluginAsyncZod =>
  async (server) => {
    server.route({
      method: 'GET',
      url: '/jobs/:job/strangers/:stranger/thumbnail',
      config: { scope: 'any' },
      schema: {
        tags,
        summary: 'A face that a job of clusters has found as a small picture',
        params: jobParams.extend({ stranger: z.string().regex(/^\d{1,9}$/) }),
        produces: ['image/jpeg'],
        response: thumbnailAnswer,
      },
      serializerCompiler: () => (data) => data as never,
      handler: async (request, reply) => {
        const { id } = jobOf(app, request)
        const { thumbnail } = app.strangers.of(id, Number(request.params.stranger))
        return sendThumbnail(reply, thumbnail ?? null)
      },
    })

    server.route({
      method: 'POST',
      url: '/jobs/:job/enroll',
      config: { scope: 'enroll' },
      schema: {
        tags,
        summary: 'Enrol faces that a job of clusters has found, as one person',
        params: jobParams,
        body: z.strictObject({
          person: z.string(),
          faces: z.array(z.int().min(0)).min(1).max(10_000),
          groups: z.array(z.string()).max(1000).default([]).describe('Of a person not there yet'),
        }),
        response: {
          200: z.object({
            person: z.string(),
            faces: z.array(z.object({ id: z.string(), added: z.boolean() })),
          }),
          ...problems,
        },
      },
      handler: async (request) => {
        const job = jobOf(app, request)
        const { person, faces, groups } = request.body
        const name = job.given.gallery
        note(request, { gallery: name, people: [person] })
        allow(principalOf(request), 'enroll', name)
        checkAddressable(person)
        const found = faces.map((face) => app.strangers.of(job.id, face))
        const gallery = await galleryOfModel(app, name)
        const added = await gallery.add(
          found.map(({ photo, hash, embedding, thumbnail }) => ({
            ...{ person, groups, embedding, source: photo },
            ...(hash !== undefined && { photo: hash }),
            ...(app.config.thumbnails && thumbnail && { thumbnail }),
          })),
        )
        return {
          person: normalName(person),
          faces: added.map(({ id, added }) => ({ id, added })),
        }
      },
    })
  }
