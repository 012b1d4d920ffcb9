import { destination, type Logger, pino } from 'pino'
import type { ServerConfig } from '../config/schema.js'

/** Of a server: JSON lines on the standard error, without what clients send in confidence. */
export const loggerOf = ({ log }: Pick<ServerConfig, 'log'>): Logger =>
  pino(
    {
      level: log,
      redact: ['req.headers.authorization', 'req.headers["x-api-key"]', 'req.headers.cookie'],
    },
    destination(2),
  )
