import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import type { FastifyInstance } from 'fastify'
import plugin from 'fastify-plugin'
import type { ServerConfig } from '../config/schema.js'

const YEAR_S = 31_536_000

/** What pages of other origins may send and read. */
const SENT = ['authorization', 'content-type', 'idempotency-key', 'x-api-key', 'x-operator']
const READ = ['allow', 'retry-after']

/** What browsers are told: to show nothing of this server in a page, and which other origins' pages may ask it: by default none. */
export const forBrowsers = ({ tls, cors: origins }: Pick<ServerConfig, 'tls' | 'cors'>) =>
  plugin(async (server: FastifyInstance) => {
    await server.register(helmet, {
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'none'"],
          baseUri: ["'none'"],
          formAction: ["'none'"],
          frameAncestors: ["'none'"],
        },
      },
      frameguard: { action: 'deny' },
      // Behind a proxy it is the proxy that knows.
      hsts: tls === null ? false : { maxAge: YEAR_S, includeSubDomains: false },
    })
    if (origins.length > 0)
      await server.register(cors, {
        origin: origins,
        methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
        allowedHeaders: SENT,
        exposedHeaders: READ,
        maxAge: 600,
      })
  })
