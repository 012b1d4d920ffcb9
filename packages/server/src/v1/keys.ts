import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../app/app.js'
import { note } from '../audit/note.js'
import { SCOPES } from '../http/route.js'
import { type CheckedKey, stateOf } from '../keys/key.js'
import { checkAllGalleries, principalOf } from '../keys/principal.js'
import { problems } from './schemas.js'

const tags = ['operation']
const config = { scope: 'admin' } as const

const key = z
  .object({
    id: z.string().describe('The first eight digits of the key'),
    name: z.string(),
    state: z.enum(['good', 'expired', 'revoked']),
    scopes: z.array(z.enum(SCOPES)),
    galleries: z.array(z.string()).nullable().describe('null: all'),
    scores: z.boolean().describe('Whether answers have similarities'),
    rate: z.int().nullable().describe("Requests a minute; null: the server's"),
    created: z.iso.datetime(),
    expires: z.iso.datetime().nullable(),
    revoked: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Key' })

const wanted = z.strictObject({
  name: z.string().min(1).max(200).describe('What people call it'),
  scopes: z.array(z.enum(SCOPES)).min(1),
  galleries: z.array(z.string()).min(1).optional().describe('Default: all'),
  scores: z.boolean().optional().describe('With the scope read or admin always true'),
  expires: z.iso.datetime().optional().describe('Default: never'),
  rate: z.int().positive().optional().describe("Requests a minute. Default: the server's"),
})

/** Who may ask, for who looks after the server as a whole. */
export const keyRoutes =
  ({ keys }: App): FastifyPluginAsyncZod =>
  async (server) => {
    server.addHook('preHandler', async (request) => checkAllGalleries(principalOf(request)))

    server.route({
      method: 'GET',
      url: '/keys',
      config,
      schema: {
        tags,
        summary: 'All keys, without what is secret',
        response: { 200: z.object({ keys: z.array(key) }), ...problems },
      },
      handler: async () => ({ keys: keys.list().map(viewOf) }),
    })

    server.route({
      method: 'POST',
      url: '/keys',
      config,
      schema: {
        tags,
        summary: 'Make a key; its secret is told this once',
        description: 'From the first one on the server asks everybody for a key.',
        body: wanted,
        response: {
          201: z.object({ secret: z.string().describe('Kept nowhere'), key }),
          ...problems,
        },
      },
      handler: async (request, reply) => {
        const { expires, ...rest } = request.body
        const made = await keys.create({
          ...rest,
          expires: expires ? new Date(expires) : undefined,
        })
        note(request, { concerns: noted(made.key) })
        return reply.code(201).send({ secret: made.text, key: viewOf(made.key) })
      },
    })

    server.route({
      method: 'DELETE',
      url: '/keys/:key',
      config,
      schema: {
        tags,
        summary: 'Refuse a key from now on; it stays in the list',
        params: z.object({ key: z.string().describe('Its id') }),
        response: { 200: key, ...problems },
      },
      handler: async (request) => {
        const revoked = await keys.revoke(request.params.key)
        note(request, { concerns: noted(revoked) })
        return viewOf(revoked)
      },
    })
  }

const viewOf = (one: CheckedKey) => ({
  ...{ id: one.id, name: one.name, state: stateOf(one), scopes: one.scopes },
  ...{ galleries: one.galleries, scores: one.scores, rate: one.rate ?? null },
  created: one.created.toISOString(),
  expires: one.expires?.toISOString() ?? null,
  revoked: one.revoked?.toISOString() ?? null,
})

const noted = ({ id, name, scopes, galleries }: CheckedKey) => ({ id, name, scopes, galleries })
