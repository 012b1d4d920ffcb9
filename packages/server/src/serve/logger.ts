import type { FastifyRequest } from 'fastify'
import { type DestinationStream, destination, type Logger, pino } from 'pino'
import type { ServerConfig } from '../config/schema.js'

/** Of a server: JSON lines on the standard error, without what clients send in confidence. */
export const loggerOf = (
  { log }: Pick<ServerConfig, 'log'>,
  to: DestinationStream = destination(2),
): Logger => pino({ level: log, serializers: { req: requestOf } }, to)

/** Addresses have names of people in them, and of CompreFace's clients keys: the route's pattern stands for them. */
const requestOf = ({ method, routeOptions, ip }: FastifyRequest) => ({
  method,
  route: routeOptions.url ?? null,
  remoteAddress: ip,
})
