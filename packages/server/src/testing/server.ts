import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  drawnModels,
  hasShared,
  noise,
  shared,
  sharedModels,
  sharedPhoto,
  THRESHOLDS,
} from '@arcface/testing'
import sharp from 'sharp'
import { checkConfig } from '../config/load.js'
import { type RunningServer, startServer } from '../serve/start.js'
import { drawnCommand } from './command.js'

export { drawnModels, hasShared, shared, sharedPhoto, THRESHOLDS }

/** A test that does much in the process of its server keeps the processor from it: no load to be refused for. */
const UNHURRIED = { eventLoopMs: 60_000, waitSeconds: 600 }

export interface TestServer extends RunningServer {
  /** Its data folder, which goes with it. */
  readonly folder: string
}

/**
 * A server on a free port of this machine, with a data folder of its own.
 * @param config keys of the configuration @param models of ../shared, or drawn ones @param runs has a command for tasks
 */
export async function testServer(
  config: object = {},
  models: 'shared' | 'drawn' = 'drawn',
  runs = false,
): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), 'server-'))
  const own = models === 'shared' ? sharedModels() : drawnModels(folder)
  const remove = () => rmSync(folder, { recursive: true, force: true })
  try {
    const data = join(folder, 'data')
    const server = await startServer(
      checkConfig({ port: 0, data, log: 'silent', load: UNHURRIED, ...own, ...config }),
      runs ? { command: drawnCommand(folder) } : {},
    )
    const close = async () => {
      await server.close()
      remove()
    }
    return { ...server, folder: data, close }
  } catch (error) {
    remove()
    throw error
  }
}

/** A picture of noise as a PNG, in which drawn models find faces. @param seed decides every byte */
export const noisePhoto = (seed: number, side = 160): Promise<Buffer> =>
  sharp(noise(seed, side, side).pixels, { raw: { width: side, height: side, channels: 3 } })
    .png()
    .toBuffer()
