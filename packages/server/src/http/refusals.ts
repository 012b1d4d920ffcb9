import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ServerError } from '../errors.js'
import { PROBLEM_TYPE, problemOf } from './problem.js'

/** Seconds after which a client should ask again, of an answer that says so. */
const retryAfter = (error: unknown): number | undefined =>
  (error as { retryAfter?: number }).retryAfter

/** Every refusal is a problem document, whoever refuses. */
export function refuseByProblems(server: FastifyInstance): void {
  server.setErrorHandler((error: FastifyError, request, reply) => refuse(error, request, reply))
  server.setNotFoundHandler((request, reply) => {
    const url = request.url.split('?')[0]!
    const allowed = METHODS.filter((method) => server.findRoute({ method, url }) !== null)
    // A file that is not there lies below an address that takes the method.
    if (allowed.length === 0 || allowed.some((method) => method === request.method))
      return refuse(new ServerError('SERVER_ROUTE', 'nothing lies there'), request, reply)
    reply.header('allow', allowed.join(', '))
    return refuse(
      new ServerError('SERVER_METHOD', `it takes ${allowed.join(', ')}`),
      request,
      reply,
    )
  })
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/** Refusals that are many where they come, and are counted. */
export const isOfLoad = (error: unknown): boolean =>
  ['SERVER_BUSY', 'SERVER_STOPPING'].includes(Object(error).code)

/** Answers with a problem document, and with `retry-after` where the error says when. */
export function refuse(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = problemOf(error, request.id)
  if (problem.status >= 500 && !isOfLoad(error))
    request.log.error({ err: error, code: problem.code }, problem.title)
  const seconds = retryAfter(error)
  if (seconds !== undefined) reply.header('retry-after', Math.ceil(seconds))
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer')
  return reply.code(problem.status).type(PROBLEM_TYPE).send(JSON.stringify(problem))
}
