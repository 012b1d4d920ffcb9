import type { AddressInfo } from 'node:net'
import { messageOf } from '@arcface/files'
import type { ServerConfig } from '../config/schema.js'
import { ServerError } from '../errors.js'
import { buildServer } from './build.js'
import { loggerOf } from './logger.js'
import { closeApp, type OpenOptions, openApp } from './open.js'

export interface RunningServer {
  /** Such as `http://127.0.0.1:8000`. */
  readonly url: string
  /** Finishes what it took, refuses more, and frees everything. */
  close(): Promise<void>
}

/**
 * Opens models and galleries, and listens.
 * @throws ServerError SERVER_LISTEN, SERVER_CONFIG; as `Recognizer.open`
 */
export async function startServer(
  config: ServerConfig,
  options: Omit<OpenOptions, 'log'> = {},
): Promise<RunningServer> {
  const app = await openApp(config, { ...options, log: loggerOf(config) })
  const server = await buildServer(app)
  const close = async () => {
    await server.close()
    await closeApp(app)
  }
  try {
    await server.listen({ host: config.host, port: config.port })
  } catch (cause) {
    await close()
    throw new ServerError(
      'SERVER_LISTEN',
      `${config.host}:${config.port}: cannot listen there: ${messageOf(cause)}`,
      { cause },
    )
  }
  const { address, family, port } = server.server.address() as AddressInfo
  return { url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`, close }
}
