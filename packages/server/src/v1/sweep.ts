import { receiptOf, receiptSchema } from '@arcface/gallery'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../app/app.js'
import { note } from '../audit/note.js'
import { galleryOf, galleryParams } from './gallery.js'
import { problems } from './schemas.js'

const tags = ['people']

/** Who is due to be erased, and their erasure. */
export const sweep =
  (app: App): FastifyPluginAsyncZod =>
  async (server) => {
    server.route({
      method: 'POST',
      url: '/galleries/:gallery/sweep',
      config: { scope: 'delete' },
      schema: {
        tags,
        summary: 'Erase everybody whose consent or retention has ended',
        params: galleryParams,
        body: z.strictObject({
          dryRun: z.boolean().default(false).describe('Tell who is due, and erase nobody'),
          trustClock: z
            .boolean()
            .default(false)
            .describe('Though the gallery was written to later than the clock of the server says'),
        }),
        response: {
          200: z.object({
            now: z.iso.datetime(),
            due: z.array(
              z.object({
                name: z.string(),
                faces: z.int(),
                at: z.iso.datetime().describe('When it ended'),
                by: z.enum(['consent', 'retention']),
              }),
            ),
            receipt: receiptSchema.nullable().describe('null: nobody was erased'),
          }),
          ...problems,
        },
      },
      handler: async (request) => {
        const { gallery: name } = request.params
        const gallery = await galleryOf(app, name)
        const { dryRun, trustClock } = request.body
        const key = dryRun ? null : await app.receipts.key()
        const { now, due, erasure } = await gallery.sweep({ dryRun, trustClock })
        const receipt = erasure && key && receiptOf(erasure, key, { gallery: name, why: 'swept' })
        const people = due.map((one) => one.name)
        note(request, { people, ...(receipt && { receipt: receipt.id }) })
        return {
          now: now.toISOString(),
          due: due.map(({ at, ...one }) => ({ ...one, at: at.toISOString() })),
          receipt,
        }
      },
    })
  }
