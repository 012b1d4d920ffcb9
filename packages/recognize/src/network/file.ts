import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { RecognizeError } from '../errors.js'

const threads = {
  'network-worker': 'runs networks',
  'parquet-worker': 'reads Parquet',
}

/**
 * The file of a thread. It is found through the package's exports, so that it is the compiled file
 * also when a test runs the source; a bundle may have it beside itself.
 * @throws RecognizeError RECOGNIZE_LOAD in a bundle that left it out
 */
export function workerFile(name: keyof typeof threads): string {
  try {
    return createRequire(import.meta.url).resolve(`@arcface/recognize/${name}`)
  } catch (cause) {
    const beside = besides(`${name}.js`) ?? besides(`${name}.mjs`)
    if (beside !== undefined) return beside
    throw new RecognizeError(
      'RECOGNIZE_LOAD',
      `the thread that ${threads[name]} was not found: this program seems to be a bundle, and bundlers leave it out. Mark @arcface/recognize as external, or bundle @arcface/recognize/${name} as a second entry named ${name}.js beside this one (as an ES module)`,
      { cause },
    )
  }
}

function besides(file: string): string | undefined {
  if (import.meta.url === undefined) return undefined // bundled as CommonJS
  const path = fileURLToPath(new URL(file, import.meta.url))
  return existsSync(path) ? path : undefined
}
