import { createHash } from 'node:crypto'
import { closeSync, constants, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'

// Imports nothing of ours: a thread that only adds up needs no libtorch.
const CHUNK = 2 ** 22

/** SHA-256 of a file, in hexadecimal. */
export function sumOf(path: string): string {
  const hash = createHash('sha256')
  const chunk = Buffer.alloc(CHUNK)
  // A named pipe in its place must not hold the thread up.
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  try {
    for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk))
      hash.update(chunk.subarray(0, read))
    return hash.digest('hex')
  } finally {
    closeSync(file)
  }
}

/** The sums of the weights in a folder, a line each. */
export const sumsOf = (folder: string): string =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.safetensors'))
    .map((name) => `${sumOf(join(folder, name))}  ${name}\n`)
    .join('')
