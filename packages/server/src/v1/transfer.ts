import { createReadStream, statSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { checkExported, exportGallery, importGallery } from '@arcface/gallery'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../app/app.js'
import { temporaryOf } from '../config/load.js'
import { ServerError } from '../errors.js'
import { TemporaryFile, withoutPath } from '../http/upload.js'
import { galleryOf, galleryParams } from './gallery.js'
import { problems } from './schemas.js'

const tags = ['galleries']
const TYPES = { jsonl: 'application/jsonl', parquet: 'application/vnd.apache.parquet' } as const
const format = z.enum(['jsonl', 'parquet']).default('jsonl')
const file = z.string().meta({ format: 'binary' })

/** A gallery as a file, out and in. */
export const transfer =
  (app: App): FastifyPluginAsyncZod =>
  async (server) => {
    const folder = temporaryOf(app.config)
    // The body is a file, whatever it is called: it goes to the disk as it comes.
    server.removeAllContentTypeParsers()
    server.addContentTypeParser('*', (_, payload, done) => done(null, payload))

    server.route({
      method: 'GET',
      url: '/galleries/:gallery/export',
      config: { scope: 'admin' },
      schema: {
        tags,
        summary: 'Everybody of a gallery with all faces and embeddings, as one file',
        params: galleryParams,
        querystring: z.strictObject({ format }),
        response: {
          200: {
            description: 'The gallery at one moment; `content-length` tells a file that was cut',
            content: { [TYPES.jsonl]: { schema: file }, [TYPES.parquet]: { schema: file } },
          },
          ...problems,
        },
      },
      handler: async ({ params, query, gone }, reply) => {
        const gallery = await galleryOf(app, params.gallery)
        const written = new TemporaryFile(folder, `.${query.format}`)
        try {
          // Whole before the first byte goes out: a failure is an answer, not half a file.
          await exportGallery(gallery, written.path, { signal: gone })
          const stream = createReadStream(written.path)
          stream.once('close', () => written[Symbol.dispose]())
          reply
            .type(TYPES[query.format])
            .header('content-length', statSync(written.path).size)
            .header(
              'content-disposition',
              `attachment; filename="${params.gallery}.${query.format}"`,
            )
            .header('cache-control', 'private, no-store')
          return reply.send(stream as never)
        } catch (error) {
          written[Symbol.dispose]()
          throw error
        }
      },
    })

    server.route({
      method: 'POST',
      url: '/galleries/:gallery/import',
      config: { scope: 'admin', work: 'upload' },
      schema: {
        tags,
        summary: 'Add the people and faces of an exported file; what is there is passed over',
        params: galleryParams,
        querystring: z.strictObject({ format }),
        file: Object.values(TYPES),
        response: { 200: z.object({ added: z.int().describe('Faces') }), ...problems },
      },
      handler: async ({ params, query, body, gone }) => {
        const gallery = await galleryOf(app, params.gallery)
        if (!body) throw new ServerError('SERVER_REQUEST', 'a file is missing')
        using received = new TemporaryFile(folder, `.${query.format}`)
        await received.receive(body as Readable, app.config.limits.uploadBytes, gone)
        return await withoutPath(received.path, async () => {
          await checkExported(gallery.model, received.path)
          gone.throwIfAborted()
          return { added: await importGallery(gallery, received.path) }
        })
      },
    })
  }
