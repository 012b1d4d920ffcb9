import type { FastifyReply, FastifyRequest } from 'fastify'
import { ServerError } from '../errors.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** Aborted when the client has gone: then nobody waits for the work. */
    gone: AbortSignal
  }
}

/** Watches the connection of a request. */
export function watchClient(request: FastifyRequest, reply: FastifyReply): void {
  const gone = new AbortController()
  request.gone = gone.signal
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished)
      gone.abort(new ServerError('SERVER_STOPPING', 'the client has gone'))
  })
}
