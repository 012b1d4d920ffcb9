import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { noise, randomDetector, randomEmbedder } from '@arcface/testing'
import sharp from 'sharp'
import { checkConfig } from '../config/load.js'
import { type RunningServer, startServer } from '../serve/start.js'
import { drawnCommand } from './command.js'

/** Real faces and models, where they are. */
export const shared = fileURLToPath(new URL('../../../../../shared', import.meta.url))
export const hasShared = existsSync(join(shared, 'faces/photos'))

/** Of ../shared: a photograph of a person, by number. */
export function sharedPhoto(person: number, i: number): string {
  const folder = join(shared, 'faces/photos')
  const own = join(folder, readdirSync(folder).sort()[person]!)
  return join(own, readdirSync(own).sort()[i]!)
}

const realModels = () => ({
  model: join(shared, 'models/MobileFaceNet.onnx'),
  detector: join(shared, 'models/yunet_s_640_640.onnx'),
  preprocessing: { range: 1, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
})

/**
 * Networks with random weights, which find something in every noisy picture, written to a folder.
 * @returns keys of the configuration
 */
export function drawnModels(folder: string) {
  const [model, detector] = [join(folder, 'embedder.onnx'), join(folder, 'detector.onnx')]
  writeFileSync(model, randomEmbedder())
  writeFileSync(detector, randomDetector())
  const thresholds = join(folder, 'thresholds.json')
  writeFileSync(thresholds, JSON.stringify(THRESHOLDS))
  return { model, detector, thresholds, quality: false }
}

/** Cosines that no model has measured: what counts is how they are used. */
export const THRESHOLDS = {
  source: 'these pairs',
  cosine: { '1e-1': 0.2, '1e-2': 0.3, '1e-3': 0.4 },
}

/** A test that does much in the process of its server keeps the processor from it: no load to be refused for. */
const UNHURRIED = { eventLoopMs: 60_000 }

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
  const own = models === 'shared' ? realModels() : drawnModels(folder)
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
