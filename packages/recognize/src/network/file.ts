import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { RecognizeError } from '../errors.js'

const NAME = '@arcface/recognize/network-worker'

/**
 * The file of the thread that runs networks. It is found through the package's exports, so that it is the compiled file
 * also when a test runs the source; a bundle may have it beside itself.
 * @throws RecognizeError RECOGNIZE_LOAD in a bundle that left it out
 */
export function workerFile(): string {
  try {
    return createRequire(import.meta.url).resolve(NAME)
  } catch (cause) {
    const beside = besides('network-worker.js') ?? besides('network-worker.mjs')
    if (beside !== undefined) return beside
    throw new RecognizeError(
      'RECOGNIZE_LOAD',
      `the thread that runs networks was not found: this program seems to be a bundle, and bundlers leave it out. Mark @arcface/recognize as external, or bundle ${NAME} as a second entry named network-worker.js beside this one (as an ES module)`,
      { cause },
    )
  }
}

function besides(name: string): string | undefined {
  if (import.meta.url === undefined) return undefined // bundled as CommonJS
  const path = fileURLToPath(new URL(name, import.meta.url))
  return existsSync(path) ? path : undefined
}
