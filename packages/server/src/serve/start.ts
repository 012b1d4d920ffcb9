import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { messageOf } from '@arcface/files'
import type { App } from '../app/app.js'
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
    await stop(app)
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

/** Is not ready first, for who sends requests here; then takes nothing more, and answers what was taken. */
async function stop({ config, load, log }: App): Promise<void> {
  const { leaveSeconds, finishSeconds } = config.stop
  load.leave()
  await setTimeout(leaveSeconds * 1000)
  if (!(await load.stop(finishSeconds)))
    log.warn(`${load.requests} requests have no answer after ${finishSeconds} seconds`)
}
