import type { SecureContextOptions } from 'node:tls'
import cookie from '@fastify/cookie'
import multipart from '@fastify/multipart'
import fastify, { type FastifyInstance } from 'fastify'
import { serializerCompiler } from 'fastify-type-provider-zod'
import type { App } from '../app/app.js'
import { auditing } from '../audit/audit.js'
import { compreface, PREFIX } from '../compreface/compreface.js'
import { answerRefusal } from '../compreface/refusals.js'
import { health } from '../health/health.js'
import { forBrowsers } from '../http/browsers.js'
import { watchClient } from '../http/gone.js'
import { takeBodies } from '../http/parsers.js'
import { refuse, refuseByProblems, refuseUnknown } from '../http/refusals.js'
import { validate } from '../http/validate.js'
import { refuseConnection, watchWire } from '../http/wire.js'
import { guard } from '../keys/guard.js'
import { measure } from '../metrics/measure.js'
import { openApi } from '../openapi/openapi.js'
import { studio } from '../studio/studio.js'
import { v1 } from '../v1/v1.js'
import { admission, watchConnections } from '../work/admission.js'
import type { Refusal } from '../work/load.js'

/** A name of a person, percent-encoded, is longer than what find-my-way takes by default. */
const LONGEST_PARAMETER = 4096

/** How often Node looks for connections whose headers do not come. */
const CHECKING_MS = 1000

/** The server of an app, not listening yet. @param https what it shows who connects; without it speaks HTTP alone */
export async function buildServer(
  app: App,
  https: SecureContextOptions | null = null,
): Promise<FastifyInstance> {
  const { limits, trustProxy } = app.config
  const headersTimeout = limits.headersSeconds * 1000
  const node = {
    ...{ connectionsCheckingInterval: CHECKING_MS, headersTimeout },
    // Node's refusal has no body; ours is in watchWire.
    requireHostHeader: false,
  }
  const server = fastify({
    // Its types tell both kinds of server apart; nothing here does.
    ...((https
      ? { https: { ...node, ...https, handshakeTimeout: headersTimeout } }
      : { http: node }) as { http: typeof node }),
    loggerInstance: app.log,
    bodyLimit: limits.bodyBytes,
    trustProxy,
    // How long a body may take is each route's; Node looks after the headers.
    requestTimeout: 0,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: LONGEST_PARAMETER },
    frameworkErrors: (error, request, reply) =>
      (request.url.startsWith(`${PREFIX}/`) ? answerRefusal : refuse)(error, request, reply),
    clientErrorHandler: refuseConnection,
  })
  server.setValidatorCompiler(validate)
  server.setSerializerCompiler(serializerCompiler)
  refuseByProblems(server)
  const load = { ...app, onRefusal: (why: Refusal) => app.metrics.refused(why) }
  server.server.maxConnections = limits.connections
  server.addHook('onRequest', async (request, reply) => watchClient(request, reply))
  await server.register(measure(app.metrics))
  await server.register(watchConnections(load))
  watchWire(server)
  takeBodies(server, limits)
  await server.register(forBrowsers(app.config))
  await server.register(cookie)
  await server.register(auditing(app))
  await server.register(guard(app))
  refuseUnknown(server)
  await server.register(admission(load))
  await server.register(multipart)
  await server.register(openApi)
  await server.register(health(app))
  await server.register(studio(app))
  await server.register(v1(app), { prefix: '/v1' })
  await server.register(compreface(app), { prefix: PREFIX })
  return server
}
