import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ServerError } from '../errors.js'
import { PROBLEM_TYPE, problemOf } from './problem.js'

/** Of what passes and does not say when, such as another process that writes to a gallery. */
const PASSES_SECONDS = 5

/** Tells a client when to ask again, if that may help. */
export function tellWhen(error: unknown, status: number, reply: FastifyReply): void {
  const { retryAfter = status === 503 ? PASSES_SECONDS : undefined } = Object(error) as {
    retryAfter?: number
  }
  if (retryAfter !== undefined) reply.header('retry-after', Math.ceil(retryAfter))
}

/** Every refusal is a problem document, whoever refuses. */
export function refuseByProblems(server: FastifyInstance): void {
  server.setErrorHandler((error: FastifyError, request, reply) => refuse(error, request, reply))
  server.setNotFoundHandler((request, reply) =>
    refuse(notThere(server, request, reply), request, reply),
  )
}

/** Refuses what no route takes before its body is read: nobody was asked for a key. */
export function refuseUnknown(server: FastifyInstance): void {
  server.addHook('onRequest', async (request, reply) => {
    if (request.is404) throw notThere(server, request, reply)
  })
}

function notThere(server: FastifyInstance, request: FastifyRequest, reply: FastifyReply) {
  const url = request.url.split('?')[0]!
  const allowed = METHODS.filter((method) => server.findRoute({ method, url }) !== null)
  // A file that is not there lies below an address that takes the method.
  if (allowed.length === 0 || allowed.some((method) => method === request.method))
    return new ServerError('SERVER_ROUTE', 'nothing lies there')
  reply.header('allow', allowed.join(', '))
  return new ServerError('SERVER_METHOD', `it takes ${allowed.join(', ')}`)
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/** Refusals that are many where they come, and are counted. */
const isOfLoad = (error: unknown): boolean =>
  ['SERVER_BUSY', 'SERVER_STOPPING'].includes(Object(error).code)

/** Whether somebody should look at it: what a client breaks off by going, as it likes, is no fault of the server. */
export const isFault = (error: unknown, status: number, { gone }: FastifyRequest): boolean =>
  status >= 500 && !isOfLoad(error) && !gone?.aborted

/** Answers with a problem document, and with `retry-after` where that may help. */
export function refuse(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = problemOf(error, request.id)
  if (isFault(error, problem.status, request))
    request.log.error({ err: error, code: problem.code }, problem.title)
  tellWhen(error, problem.status, reply)
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer')
  return reply.code(problem.status).type(PROBLEM_TYPE).send(JSON.stringify(problem))
}
