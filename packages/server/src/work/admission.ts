import underPressure from '@fastify/under-pressure'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import plugin from 'fastify-plugin'
import type { ServerConfig } from '../config/schema.js'
import type { ServerError } from '../errors.js'
import { Arrivals } from './arrivals.js'
import type { Body } from './bodies.js'
import { busy } from './busy.js'
import { type Load, type Refusal, stopping } from './load.js'
import type { Queue, Turn } from './queue.js'
import { discard, linger } from './rest.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** What it takes of the server until it is answered. */
    place: { readonly turn: Turn | undefined; readonly body: Body } | null
  }
}

interface Admitting {
  readonly config: Pick<ServerConfig, 'limits' | 'load'>
  readonly load: Load
  readonly onRefusal: (why: Refusal) => void
}

/** Watches bodies come and answers go, of every request, also of those that are refused. */
export const watchConnections = ({ config: { limits }, onRefusal }: Omit<Admitting, 'load'>) =>
  plugin(async (server: FastifyInstance) => {
    const arrivals = new Arrivals(
      limits,
      ({ place }) => place?.turn?.pass(),
      () => onRefusal('slow'),
    )
    server.addHook('onClose', async () => arrivals.close())
    server.addHook('onRequest', async (request, reply) => {
      if (!hasBody(request)) return
      arrivals.add(request, reply)
      reply.raw.once('finish', () => discard(request.raw))
    })
    server.addHook('onSend', async ({ raw }, reply) => {
      if (reply.getHeader('connection') === 'close') await linger(raw)
      // Of a client that does not read its answer; of the next request Node sets it anew.
      raw.socket?.setTimeout(limits.answerSeconds * 1000)
    })
  })

/**
 * Takes requests while there is room, which is decided before their bodies are read: what waits is bounded in time, bodies
 * are in bytes. To be asked after the keys, so that strangers take nobody's place.
 */
export const admission = ({ config, load, onRefusal }: Admitting) =>
  plugin(async (server: FastifyInstance) => {
    const { eventLoopMs } = config.load
    server.decorateRequest('place', null)

    const orRefuse = <T>(why: Refusal, take: () => T): T => {
      try {
        return take()
      } catch (error) {
        onRefusal(why)
        throw error
      }
    }
    const refuse = (why: Refusal, error: ServerError): never => {
      onRefusal(why)
      throw error
    }

    server.addHook('onRequest', async ({ routeOptions }, reply) => {
      if (routeOptions.config.work === 'none') return
      if (load.stopping.aborted) {
        reply.header('connection', 'close')
        refuse('stopping', stopping())
      }
      reply.raw.once('close', load.begin())
    })

    await server.register(underPressure, {
      maxEventLoopDelay: eventLoopMs,
      pressureHandler: async ({ routeOptions }: FastifyRequest) => {
        if (routeOptions.config.work !== 'none')
          refuse('event_loop', busy('whatever is asked waits for the processor'))
      },
    })

    server.addHook('onRequest', async (request, reply) => {
      const { work } = request.routeOptions.config
      if (work === 'upload') takeUpload(request, reply)
      else if (work === 'photo' || work === 'search') takePlace(request, reply, load.queues[work])
      else if (hasBody(request)) takePlace(request, reply)
    })

    server.addHook('onSend', async ({ place }, reply) => {
      place?.turn?.end(reply.statusCode < 400)
      place?.body.release()
    })

    function takeUpload(request: FastifyRequest, reply: FastifyReply): void {
      const who = request.principal?.key?.id ?? request.ip
      reply.raw.once(
        'close',
        orRefuse('uploads', () => load.uploads.take(who)),
      )
    }

    /** Of what costs little the body alone is counted. */
    function takePlace(request: FastifyRequest, reply: FastifyReply, queue?: Queue) {
      if (queue) orRefuse('wait', () => queue.check())
      const body = orRefuse('memory', () => load.bodies.take(bytesOf(request), request.ip))
      const turn = queue?.enter()
      const arrived = () => {
        turn?.begin()
        body.arrive()
      }
      if (hasBody(request)) request.raw.once('end', arrived)
      else arrived()
      // Also without an answer: a client that has gone, an answer that nobody reads.
      reply.raw.once('close', () => {
        turn?.end(false)
        body.release()
      })
      request.place = { turn, body }
    }
  })

const hasBody = ({ headers }: FastifyRequest): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

/** What a body may take: what it says, or as much as is read of one that says nothing. */
const bytesOf = ({ headers, routeOptions: { bodyLimit = 0 } }: FastifyRequest): number =>
  headers['transfer-encoding'] === undefined
    ? Math.min(Number(headers['content-length'] ?? 0), bodyLimit)
    : bodyLimit
