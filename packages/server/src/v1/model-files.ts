import { createReadStream, statSync } from 'node:fs'
import { digestOf } from '@arcface/files'
import { resolveDetector, resolveModel } from '@arcface/recognize'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../app/app.js'
import { ServerError } from '../errors.js'
import { problems } from './schemas.js'

const PARTS = ['detector', 'landmarks', 'embedder'] as const

/** A file of the server's models. */
interface Part {
  readonly part: (typeof PARTS)[number]
  readonly path: string
  readonly bytes: number
  readonly sha256: string
}

/** Where these lie is not the client's. */
const changed = (cause?: unknown) =>
  new ServerError('SERVER_CONFLICT', 'the files of the models are others by now, or gone', {
    cause,
    hint: 'Start the server again.',
  })

/** The files that the server's models were opened from. @throws ServerError SERVER_CONFLICT */
async function partsOf({ config, recognizer }: App): Promise<Part[]> {
  const [model, { path, landmarks }] = await Promise.all([
    resolveModel(config.model),
    resolveDetector(config.detector ?? undefined, config.model),
  ]).catch((cause) => {
    throw changed(cause)
  })
  if (model.sha256 !== recognizer.model.sha256) throw changed()
  if (model.olderSha256 !== undefined)
    throw new ServerError('SERVER_CONFLICT', 'the model keeps weights in several files', {
      hint: 'Only models of one file run in a page.',
    })
  const paths = { detector: path, landmarks, embedder: model.path }
  const found = PARTS.flatMap((part) => (paths[part] ? { part, path: paths[part] } : []))
  return Promise.all(
    found.map(async (one) => ({
      ...one,
      bytes: statSync(one.path).size,
      sha256: await digestOf(one.path, 'sha256'),
    })),
  )
}

/** The models themselves, for recognition in a page. */
export const modelFiles =
  (app: App): FastifyPluginAsyncZod =>
  async (server) => {
    let known: Promise<Part[]> | undefined
    const parts = () => {
      known ??= partsOf(app)
      // What failed may be mended.
      known.catch(() => {
        known = undefined
      })
      return known
    }

    server.route({
      method: 'GET',
      url: '/model/files',
      config: { scope: 'identify' },
      schema: {
        tags: ['model'],
        summary: 'The files of the models, for recognition in a page, and how they are used here',
        response: {
          200: z.object({
            files: z.array(z.object({ part: z.enum(PARTS), sha256: z.string(), bytes: z.int() })),
            preprocessing: z.record(z.string(), z.unknown()),
            minScore: z.number().nullable(),
            quality: z.unknown().describe('Limits in place of the usual ones, or false for none'),
          }),
          ...problems,
        },
      },
      handler: async () => ({
        files: (await parts()).map(({ part, sha256, bytes }) => ({ part, sha256, bytes })),
        preprocessing: { ...app.recognizer.preprocessing.preprocessing },
        minScore: app.config.minScore,
        quality: app.config.quality,
      }),
    })

    server.route({
      method: 'GET',
      url: '/model/files/:part',
      config: { scope: 'identify' },
      schema: {
        tags: ['model'],
        summary: 'A file of the models: ONNX',
        params: z.object({ part: z.enum(PARTS) }),
        produces: ['application/octet-stream'],
        response: {
          200: {
            description: 'The file whose sha256 is told; `content-length` tells one that was cut',
            content: {
              'application/octet-stream': { schema: z.string().meta({ format: 'binary' }) },
            },
          },
          ...problems,
        },
      },
      serializerCompiler: () => (data) => data as never,
      handler: async ({ params }, reply) => {
        const found = (await parts()).find(({ part }) => part === params.part)
        if (!found) throw new ServerError('SERVER_ROUTE', `the models have no ${params.part}`)
        reply
          .type('application/octet-stream')
          .header('content-length', found.bytes)
          .header('etag', `"${found.sha256}"`)
          .header('cache-control', 'private, no-store')
        return reply.send(createReadStream(found.path) as never)
      },
    })
  }
