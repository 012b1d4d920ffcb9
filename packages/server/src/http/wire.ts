import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ServerError } from '../errors.js'
import { rawProblem } from './problem.js'

/** So long a client that was refused may leave its end of the connection open. */
const LINGER_MS = 2000

/** Answers what came instead of a request, and ends the connection, also of a client that does not. */
export function refuseConnection(error: unknown, socket: Duplex): void {
  if (!socket.writable) return
  socket.end(rawProblem(error))
  setTimeout(() => socket.destroy(), LINGER_MS).unref()
}

/** What Node would refuse without a problem document, or understand in one of two ways. */
export function watchWire(server: FastifyInstance): void {
  server.server.on('connect', (_: IncomingMessage, socket: Duplex) =>
    refuseConnection(new ServerError('SERVER_METHOD', 'this is no proxy'), socket),
  )
  // RFC 9110, 10.1.1: an expectation that nobody knows may be passed over.
  server.server.on('checkExpectation', (request, response) => server.routing(request, response))
  server.addHook('onRequest', async (request) => {
    checkHost(request)
    const { 'content-encoding': encoding = 'identity' } = request.headers
    if (encoding !== 'identity')
      throw new ServerError('SERVER_TYPE', 'the body is compressed', {
        hint: 'Send it as it is, without content-encoding.',
      })
  })
}

/** RFC 9112, 3.2: of several hosts a proxy in front may have taken another than Node does. */
function checkHost({ raw }: FastifyRequest): void {
  const hosts = raw.rawHeaders.filter((name, i) => i % 2 === 0 && /^host$/i.test(name)).length
  if (hosts > 1 || (hosts === 0 && raw.httpVersion === '1.1'))
    throw new ServerError('SERVER_REQUEST', 'the header host has to be there once')
}
