import multipart from '@fastify/multipart'
import fastify, { type FastifyInstance } from 'fastify'
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import type { App } from '../app/app.js'
import { compreface, PREFIX } from '../compreface/compreface.js'
import { answerRefusal } from '../compreface/refusals.js'
import { watchClient } from '../http/gone.js'
import { rawProblem } from '../http/problem.js'
import { refuse, refuseByProblems } from '../http/refusals.js'
import { guard } from '../keys/guard.js'
import { openApi } from '../openapi/openapi.js'
import { v1 } from '../v1/v1.js'

/** A name of a person, percent-encoded, is longer than what find-my-way takes by default. */
const LONGEST_PARAMETER = 4096

/** The server of an app, not listening yet. */
export async function buildServer(app: App): Promise<FastifyInstance> {
  const { limits, trustProxy } = app.config
  const server = fastify({
    loggerInstance: app.log,
    bodyLimit: limits.bodyBytes,
    trustProxy,
    requestTimeout: limits.requestSeconds * 1000,
    routerOptions: { maxParamLength: LONGEST_PARAMETER },
    frameworkErrors: (error, request, reply) =>
      (request.url.startsWith(`${PREFIX}/`) ? answerRefusal : refuse)(error, request, reply),
    clientErrorHandler: (error, socket) => {
      if (socket.writable) socket.end(rawProblem(error))
    },
  })
  server.setValidatorCompiler(validatorCompiler)
  server.setSerializerCompiler(serializerCompiler)
  refuseByProblems(server)
  server.addHook('onRequest', async (request, reply) => watchClient(request, reply))
  for (const type of [/^image\//, 'application/octet-stream'])
    server.addContentTypeParser(
      type,
      { parseAs: 'buffer', bodyLimit: limits.photoBytes },
      async (_: unknown, body: Buffer) => body,
    )
  await server.register(guard(app))
  await server.register(multipart)
  await server.register(openApi(app))
  await server.register(v1(app), { prefix: '/v1' })
  await server.register(compreface(app), { prefix: PREFIX })
  return server
}
