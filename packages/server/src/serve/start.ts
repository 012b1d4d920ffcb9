import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import type { Server } from 'node:tls'
import { messageOf } from '@arcface/files'
import type { App } from '../app/app.js'
import type { ServerConfig } from '../config/schema.js'
import { ServerError } from '../errors.js'
import { buildServer } from './build.js'
import { Certificate } from './certificate.js'
import { loggerOf } from './logger.js'
import { closeApp, type OpenOptions, openApp } from './open.js'

export interface RunningServer {
  /** Such as `http://127.0.0.1:8000`. */
  readonly url: string
  /** Reads keys and certificate now, which it does by itself within seconds of a change. */
  reload(): Promise<void>
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
  const log = loggerOf(config)
  const certificate = config.tls === null ? null : await Certificate.open(config.tls, log)
  const app = await openApp(config, { ...options, log }).catch((error) => {
    certificate?.close()
    throw error
  })
  const free = async () => {
    certificate?.close()
    await closeApp(app)
  }
  const server = await buildServer(app, certificate?.options).catch(async (error) => {
    await free()
    throw error
  })
  certificate?.serve(server.server as unknown as Server)
  try {
    // For the name Fastify makes a server an address, of which it shows one; the certificate is for all.
    const host = certificate && config.host === 'localhost' ? '127.0.0.1' : config.host
    await server.listen({ host, port: config.port })
  } catch (cause) {
    await server.close()
    await free()
    throw new ServerError(
      'SERVER_LISTEN',
      `${config.host}:${config.port}: cannot listen there: ${messageOf(cause)}`,
      { cause },
    )
  }
  const { address, family, port } = server.server.address() as AddressInfo
  const scheme = certificate ? 'https' : 'http'
  const reload = async () => {
    await Promise.all([app.keys.reload(), certificate?.reload()])
  }
  return {
    url: `${scheme}://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    reload,
    async close() {
      await stop(app)
      await server.close()
      await free()
    },
  }
}

/** Is not ready first, for who sends requests here; then takes nothing more, and answers what was taken. */
async function stop({ config, load, jobs, log }: App): Promise<void> {
  const { leaveSeconds, finishSeconds } = config.stop
  load.leave()
  await setTimeout(leaveSeconds * 1000)
  // Whoever watches one waits for its end.
  void jobs.close()
  if (!(await load.stop(finishSeconds)))
    log.warn(`${load.requests} requests have no answer after ${finishSeconds} seconds`)
}
