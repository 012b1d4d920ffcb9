import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FilesError } from './errors.js'

/**
 * The file of a thread. It is found through its package's exports, so that it is the compiled file also when a test runs
 * the source; a bundle may have it beside itself.
 *
 * @param entry of the package: `@arcface/recognize/network-worker`
 * @param from `import.meta.url` of whoever starts it
 * @param does what the thread does, for the error
 * @throws FilesError FILES_WORKER in a bundle that left it out
 */
export function workerFile(entry: string, from: string | undefined, does: string): string {
  const name = basename(entry)
  try {
    return createRequire(from!).resolve(entry)
  } catch (cause) {
    const beside = besides(`${name}.js`, from) ?? besides(`${name}.mjs`, from)
    if (beside !== undefined) return beside
    const room = entry.slice(0, entry.lastIndexOf('/'))
    throw new FilesError(
      'FILES_WORKER',
      `the thread that ${does} was not found: this program seems to be a bundle, and bundlers leave it out. Mark ${room} as external, or bundle ${entry} as a second entry named ${name}.js beside this one (as an ES module)`,
      { cause },
    )
  }
}

function besides(file: string, from: string | undefined): string | undefined {
  if (from === undefined) return undefined // bundled as CommonJS
  const path = fileURLToPath(new URL(file, from))
  return existsSync(path) ? path : undefined
}
