import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { SCOPES } from '../http/route.js'
import { cookieName, cookieOf, sessionOf } from '../keys/cookie.js'
import type { Keys } from '../keys/keys.js'
import { principalOf } from '../keys/principal.js'
import type { Session, Sessions } from '../keys/sessions.js'
import { problems } from './schemas.js'

const session = z
  .object({
    needed: z.boolean().describe('Whether this server asks for keys'),
    key: z
      .object({
        id: z.string(),
        name: z.string(),
        scopes: z.array(z.enum(SCOPES)),
        galleries: z.array(z.string()).nullable().describe('null: all'),
        scores: z.boolean(),
        expires: z.iso.datetime().nullable(),
      })
      .nullable()
      .describe('Of whom the session is; null: of nobody'),
    csrf: z.string().nullable().describe('What requests that change something bring as x-csrf'),
  })
  .meta({ id: 'Session' })

interface Given {
  readonly keys: Keys
  readonly sessions: Sessions
}

/** How a page signs in: with a key once, and with a cookie from then on, which no script reads. */
export const sessionRoutes =
  ({ keys, sessions }: Given): FastifyPluginAsyncZod =>
  async (server) => {
    const told = (found: Session | undefined) => ({
      needed: keys.inForce,
      key: found ? keyOf(found) : null,
      csrf: found?.csrf ?? null,
    })
    const forget = (request: FastifyRequest, reply: FastifyReply) => {
      const id = cookieOf(request)
      if (id !== undefined) sessions.end(id)
      return reply.clearCookie(cookieName(request), { path: '/' })
    }
    const tags = ['operation']

    server.route({
      method: 'POST',
      url: '/session',
      config: { scope: 'any' },
      schema: {
        tags,
        summary: 'Sign in: a key once, a cookie from then on',
        response: { 200: session, ...problems },
      },
      handler: async (request, reply) => {
        forget(request, reply)
        const { key } = principalOf(request)
        if (key === null) return told(undefined)
        const { id, csrf } = sessions.begin(key)
        reply.setCookie(cookieName(request), id, {
          path: '/',
          httpOnly: true,
          sameSite: 'strict',
          secure: request.protocol === 'https',
        })
        return told({ key, csrf })
      },
    })

    server.route({
      method: 'GET',
      url: '/session',
      config: { scope: 'public' },
      schema: {
        tags,
        summary: 'Whose session this is, and whether a key is needed',
        response: { 200: session, ...problems },
      },
      handler: async (request, reply) => {
        reply.header('cache-control', 'no-store')
        return told(sessionOf(request, sessions))
      },
    })

    server.route({
      method: 'DELETE',
      url: '/session',
      config: { scope: 'public' },
      schema: { tags, summary: 'Sign out', response: { 200: session, ...problems } },
      handler: async (request, reply) => {
        sessionOf(request, sessions)
        forget(request, reply)
        return told(undefined)
      },
    })
  }

const keyOf = ({ key: { id, name, scopes, galleries, scores, expires } }: Session) => ({
  ...{ id, name, scopes, galleries, scores },
  expires: expires?.toISOString() ?? null,
})
