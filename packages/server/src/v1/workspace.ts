import { createRequire } from 'node:module'
import { readRegular, streamRegular } from '@arcface/files'
import { smallPhoto } from '@arcface/recognize'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../app/app.js'
import { ServerError } from '../errors.js'
import { textOf } from '../http/parsers.js'
import { withoutPath } from '../http/upload.js'
import { checkAllGalleries, principalOf } from '../keys/principal.js'
import { ENTRY_KINDS, entriesOf } from '../workspace/entries.js'
import { putText } from '../workspace/files.js'
import { anyPlace, place } from '../workspace/place.js'
import { flag, pageSize, problems } from './schemas.js'

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string }

const tags = ['workspace']
const config = { scope: 'admin' } as const
/** Of a text, and of a photograph's file. */
const MOST_BYTES = 64 << 20
const TYPES = ['text/plain', 'text/csv', 'application/json', 'application/yaml']
const bytes = z.string().meta({ format: 'binary' })

/** The folder that the studio sees. */
export const workspaceRoutes =
  ({ workspace, tasks, config: { limits } }: App): FastifyPluginAsyncZod =>
  async (server) => {
    server.addHook('preHandler', async (request) => checkAllGalleries(principalOf(request)))
    server.removeAllContentTypeParsers()
    server.addContentTypeParser(
      '*',
      { parseAs: 'buffer', bodyLimit: MOST_BYTES },
      async (_: unknown, body: Buffer) => body,
    )

    server.route({
      method: 'GET',
      url: '/workspace',
      config,
      schema: {
        tags,
        summary: 'The folder that the studio works in',
        response: {
          200: z
            .object({
              folder: z.string().describe('On the machine of the server'),
              commands: z.boolean().describe('Whether tasks can be started'),
              version: z.string().describe('Of the server'),
              tasks: z.object({ running: z.int(), waiting: z.int() }),
            })
            .meta({ id: 'Workspace' }),
          ...problems,
        },
      },
      handler: async () => ({
        ...{ folder: workspace.folder, commands: tasks.canRun, version },
        tasks: { running: tasks.count('running'), waiting: tasks.count('waiting') },
      }),
    })

    server.route({
      method: 'GET',
      url: '/workspace/entries',
      config,
      schema: {
        tags,
        summary: 'What lies in a folder, by name',
        querystring: z.strictObject({
          path: anyPlace.default('').describe('Of the folder; without it the workspace itself'),
          after: z.string().optional().describe('`next` of the page before'),
          limit: pageSize,
        }),
        response: {
          200: z
            .object({
              path: z.string(),
              entries: z.array(
                z.object({
                  name: z.string(),
                  path: z.string(),
                  kind: z.enum(ENTRY_KINDS).describe('By a look at names and beginnings'),
                  bytes: z.number().nullable().describe('null: a folder'),
                  modified: z.iso.datetime(),
                }),
              ),
              next: z.string().nullable(),
            })
            .meta({ id: 'Entries' }),
          ...problems,
        },
      },
      handler: async ({ query: { path, after, limit } }) => {
        const found = await entriesOf(workspace, path, { after, limit })
        return { ...found, entries: [...found.entries] }
      },
    })

    server.route({
      method: 'GET',
      url: '/workspace/pictures',
      config,
      schema: {
        tags,
        summary: 'A photograph made small, upright',
        querystring: z.strictObject({
          path: place,
          side: z.coerce.number().int().min(32).max(1024).default(256).describe('Pixels, at most'),
        }),
        response: {
          200: { description: 'JPEG', content: { 'image/jpeg': { schema: bytes } } },
          ...problems,
        },
      },
      serializerCompiler: () => (data) => data as never,
      handler: async (request, reply) => {
        const { path: name, side } = request.query
        const { path, stat } = workspace.there(name)
        if (!stat.isFile()) throw new ServerError('SERVER_REQUEST', 'path: it is no file')
        const tag = `"${stat.ino}-${stat.size}-${stat.mtimeMs}-${side}"`
        // Faces: no cache but the browser's own, which asks whether it is the same.
        reply.header('cache-control', 'private, no-cache').header('etag', tag)
        if (request.headers['if-none-match'] === tag) return reply.code(304 as 200).send()
        const options = { name, maxPixels: limits.pixels, signal: request.gone }
        const picture = await withoutPath(path, async () =>
          smallPhoto(await readRegular(path, MOST_BYTES), side, options),
        )
        return reply.type('image/jpeg').send(Buffer.from(picture) as never)
      },
    })

    server.route({
      method: 'GET',
      url: '/workspace/files',
      config,
      schema: {
        tags,
        summary: 'The bytes of a file',
        querystring: z.strictObject({ path: place }),
        response: {
          200: {
            description: 'Whatever it is, it is nothing for a browser to show',
            content: { 'application/octet-stream': { schema: bytes } },
          },
          ...problems,
        },
      },
      handler: async ({ query }, reply) => {
        const { path, stat } = workspace.there(query.path)
        if (!stat.isFile()) throw new ServerError('SERVER_REQUEST', 'path: it is no file')
        const name = encodeURIComponent(query.path.split('/').at(-1)!)
        // As long as it was: of one that grows the rest comes the next time.
        const stream = stat.size > 0 ? streamRegular(path, { end: stat.size - 1 }) : ''
        return reply
          .type('application/octet-stream')
          .header('content-length', stat.size)
          .header('content-disposition', `attachment; filename*=UTF-8''${name}`)
          .header('content-security-policy', "default-src 'none'; sandbox")
          .header('cache-control', 'private, no-store')
          .send(stream as never)
      },
    })

    server.route({
      method: 'PUT',
      url: '/workspace/files',
      config,
      bodyLimit: MOST_BYTES,
      schema: {
        tags,
        summary: 'Put a text there: a list, a table, a configuration',
        querystring: z.strictObject({
          path: place.describe('It ends in .txt, .csv, .json or .yaml'),
          replace: flag.describe('What lies there may be replaced'),
        }),
        file: TYPES,
        response: {
          200: z.object({ path: z.string(), bytes: z.int() }).describe('Replaced'),
          201: z.object({ path: z.string(), bytes: z.int() }).describe('Made'),
          ...problems,
        },
      },
      handler: async ({ query: { path, replace }, body }, reply) => {
        if (!(body instanceof Uint8Array))
          throw new ServerError('SERVER_REQUEST', 'the text is missing')
        textOf(body as Buffer)
        const isReplaced = await putText(workspace, path, body, replace)
        return reply.code(isReplaced ? 200 : 201).send({ path, bytes: body.length })
      },
    })
  }
